/**
 * The line that says what became of the last action. It goes after a while, and sooner once its processes are gone,
 * for then it may no longer be so. The events keep it.
 */

import { element, setAttribute, setText } from "../ui/dom.js";

/** @import { Row } from "../types.js" */

/** Milliseconds for which it stays in any case, to be read, and after which it goes in any case. */
export const [LEAST, MOST] = [10_000, 60_000];

export class LastAction {
  constructor() {
    this.element = element("div", {
      class: "pw-last",
      role: "status",
      "aria-label": "Last action",
      "aria-live": "polite",
    });
    /** The processes that it is about. @type {Row[]} */
    this.rows = [];
    this.wasRead = false;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  }

  /**
   * @param {string} text
   * @param {Row[]} [rows] the processes that it is about
   */
  tell(text, rows = []) {
    const { element } = this;
    this.rows = rows;
    this.wasRead = false;
    setText(element, text);
    element.title = text;
    setAttribute(element, "tabindex", element.scrollHeight > element.clientHeight ? "0" : null);
    this.#later(LEAST, () => {
      this.wasRead = true;
      this.#later(MOST - LEAST, () => this.#clear());
      this.refresh();
    });
  }

  /** Let it go if its processes are gone. */
  refresh() {
    if (this.wasRead && this.rows.every(({ ended }) => ended)) {
      this.#clear();
    }
  }

  remove() {
    clearTimeout(this.timer);
  }

  /** Not under the eyes of somebody who points at it or has the focus there. */
  #clear() {
    if (this.element.matches(":hover, :focus")) {
      this.#later(LEAST, () => this.#clear());
    } else {
      this.tell("");
      this.remove();
    }
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} then
   */
  #later(milliseconds, then) {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, milliseconds);
  }
}
