/** A button with a menu of actions under it, with the keys of the WAI-ARIA menu button pattern. */

import { Disclosure } from "./disclosure.js";
import { element, uniqueId } from "./dom.js";

export class Menu {
  /**
   * @param {string} label
   * @param {{ label: string, act: () => void }[]} items
   */
  constructor(label, items) {
    this.items = items.map((item) => {
      const made = element("button", { type: "button", role: "menuitem", tabindex: "-1" }, item.label);
      made.addEventListener("click", () => {
        this.disclosure.show(false);
        this.disclosure.button.focus();
        item.act();
      });
      return made;
    });
    const list = element("div", { role: "menu", id: uniqueId("menu"), class: "pw-actions", "aria-label": label });
    list.append(...this.items);
    this.disclosure = new Disclosure(label, list, {
      opened: () => this.items[0]?.focus(),
      attributes: { "aria-haspopup": "menu" },
    });
    this.element = this.disclosure.element;
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.items.findIndex((item) => item === document.activeElement);
    const last = this.items.length - 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
    const to = moves[event.key];
    if (to !== undefined && (at >= 0 || event.key.startsWith("Arrow"))) {
      this.disclosure.show(true);
      this.items[to]?.focus();
      event.preventDefault();
      event.stopPropagation();
    }
  }
}
