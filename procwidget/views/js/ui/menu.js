/**
 * A button with a menu under it, as the WAI-ARIA menu button pattern has it: items enter, the one that was chosen is
 * acted on. Closed by Escape, by choosing, and by going elsewhere.
 */

import { element } from "./dom.js";
import { Popup } from "./popup.js";

let count = 0;

export class Menu {
  /**
   * @param {string} label
   * @param {{ label: string, act: () => void }[]} items
   */
  constructor(label, items) {
    const id = `pw-menu-${++count}`;
    this.items = items.map((item) => {
      const made = element("button", { type: "button", role: "menuitem", tabindex: "-1" }, item.label);
      made.addEventListener("click", () => {
        this.#open(false);
        this.button.focus();
        item.act();
      });
      return made;
    });
    this.list = element("div", { role: "menu", id, class: "pw-actions", "aria-label": label });
    this.list.append(...this.items);
    this.button = element(
      "button",
      {
        type: "button",
        class: "pw-button",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        "aria-controls": id,
      },
      label,
    );
    this.element = element("div", {}, this.button, this.list);
    this.popup = new Popup(this.list, this.button);
    this.button.addEventListener("click", () => this.#open(!this.popup.open));
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) {
        this.#open(false);
      }
    });
  }

  /** @param {boolean} open */
  #open(open) {
    this.popup.show(open);
    this.button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.items[0]?.focus();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.items.findIndex((item) => item === document.activeElement);
    const last = this.items.length - 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
    const to = moves[event.key];
    if (event.key === "Escape" && this.popup.open) {
      this.#open(false);
      this.button.focus();
    } else if (to !== undefined && (at >= 0 || event.key.startsWith("Arrow"))) {
      this.#open(true);
      this.items[to]?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
