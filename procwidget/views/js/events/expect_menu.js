/** The menu "Expected…" of an alert: it is no trouble until it ends, or for an hour. */

import { Menu } from "../ui/menu.js";

/** @import { AlertName } from "../connection/protocol.js" */
/** @import { Expect } from "./alert_item.js" */

const HOUR = 3600;

/**
 * @param {() => AlertName | null} alert which one it is when something is chosen
 * @param {Expect} expect
 */
export function expectMenu(alert, expect) {
  const choose = (/** @type {number | null} */ seconds) => () => {
    const name = alert();
    if (name) {
      expect(name, true, seconds);
    }
  };
  const menu = new Menu("Expected…", [
    { label: "Until it ends", act: choose(null) },
    { label: "For an hour", act: choose(HOUR) },
  ]);
  menu.element.classList.add("pw-expect");
  return menu;
}
