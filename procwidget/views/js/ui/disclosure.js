/**
 * A button that opens a panel under it; menus are built on it. Escape closes the panel and puts the focus back on the
 * button; moving the focus elsewhere closes it too.
 */

import { button, element, isOutside } from "./dom.js";
import { Popup } from "./popup.js";

export class Disclosure {
  /**
   * @param {string} label of the button
   * @param {HTMLElement} panel with an id
   * @param {{ opened: () => void, closed?: () => void, redrawn?: boolean, attributes?: Record<string, string> }} on
   *   `redrawn` is a panel that replaces its controls while it is open, which takes the focus off them for a moment;
   *   `attributes` are the button's
   */
  constructor(label, panel, { opened, closed, redrawn = false, attributes = {} }) {
    this.opened = opened;
    this.closed = closed;
    this.button = button(label, () => this.show(!this.open), {
      ...attributes,
      "aria-expanded": "false",
      "aria-controls": panel.id,
    });
    this.element = element("div", { class: "pw-disclosure" }, this.button, panel);
    this.popup = new Popup(panel, this.button);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.open) {
        event.preventDefault();
        event.stopPropagation();
        this.show(false);
        this.button.focus();
      }
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (isOutside(this.element, relatedTarget) && !(redrawn && relatedTarget === null)) {
        this.show(false);
      }
    });
  }

  get open() {
    return this.popup.open;
  }

  /** @param {boolean} open */
  show(open) {
    this.popup.show(open);
    this.button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.opened();
    } else {
      this.closed?.();
    }
  }
}
