/**
 * One alert in the list of alerts, with its menu "Expected…", or one that is expected, with the button that takes that
 * back. An item stays the same alert's for as long as that lasts, so that its menu acts on what it was opened for.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { expectMenu } from "./expect_menu.js";

/** @import { Level } from "../types.js" */
/** @import { Menu } from "../ui/menu.js" */
/** @import { AlertName } from "../connection/protocol.js" */

/**
 * @typedef {{ kind?: string, about?: string, level: Level, text: string }} AlertReading the last, "and 3 more", has no name
 *
 * @typedef {AlertName & { until: number | null, text: string | null }} ExpectedReading its text while it is on, and
 *   until when it is expected in Unix seconds
 *
 * @typedef {(alert: AlertName, on: boolean, seconds: number | null) => void} Expect
 */

/** @param {string} kind such as "process_cpu" */
function words(kind) {
  return kind.replaceAll("_", " ");
}

export class AlertItem {
  /**
   * @param {AlertName} name
   * @param {Expect} expect
   */
  constructor(name, expect) {
    this.text = element("span", { class: "pw-alert-text" });
    this.element = element("div", { role: "listitem" }, this.text);
    /** @type {Menu | null} */
    this.menu = null;
    this.back = button("Take back", () => expect(name, false, null), { class: "pw-button pw-take-back", hidden: true });
    if (name.kind !== "") {
      this.menu = expectMenu(() => name, expect);
      this.element.append(this.menu.element, this.back);
      setAttribute(this.menu.disclosure.button, "aria-label", `Expected… (${words(name.kind)})`);
      setAttribute(this.back, "aria-label", `Take back that this is expected (${words(name.kind)})`);
    }
  }

  /** @param {AlertReading} alert */
  show({ level, text }) {
    this.#show(level, text, false);
  }

  /** @param {ExpectedReading} expected */
  showExpected({ kind, until, text }) {
    const end = until === null ? "until it ends" : `until ${clock(until)}`;
    this.#show("expected", `Expected ${end}: ${text ?? words(kind)}`, true);
  }

  /**
   * @param {string} level
   * @param {string} text
   * @param {boolean} expected
   */
  #show(level, text, expected) {
    setText(this.text, text);
    setAttribute(this.element, "data-level", level);
    if (this.menu && this.menu.element.hidden !== expected) {
      this.menu.disclosure.show(false);
      setHidden(this.menu.element, expected);
      setHidden(this.back, !expected);
      this.element.classList.toggle("pw-expected", expected);
    }
  }
}
