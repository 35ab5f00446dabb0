/**
 * The button "Columns" with its panel, in which columns are shown, hidden and moved. The button, Escape, and going
 * elsewhere close it.
 */

import { Disclosure } from "../ui/disclosure.js";
import { element, isOutside, uniqueId } from "../ui/dom.js";

/** @import { Column } from "../table/columns.js" */

const KEYS =
  "On a heading: Enter sorts, Shift+Enter adds a second key, Shift+arrows change its width, Ctrl+Shift+arrows move it.";

export class ColumnMenu {
  /**
   * @param {Column[]} every
   * @param {() => string[]} shown keys of those visible, in order
   * @param {{ toggle: (key: string) => void, move: (key: string, step: number) => void, reset: () => void }} callbacks
   */
  constructor(every, shown, callbacks) {
    this.every = every;
    this.shown = shown;
    this.callbacks = callbacks;
    this.list = element("div");
    this.panel = element(
      "div",
      { class: "pw-menu", id: uniqueId("columns"), role: "group", "aria-label": "Columns" },
      this.list,
      element("div", { class: "pw-menu-note" }, KEYS),
      this.#button("Usual columns", "pw-button", "reset"),
    );
    this.panel.addEventListener("click", ({ target }) => this.#act(/** @type {HTMLElement} */ (target)));
    this.outside = (/** @type {Event} */ { target }) => {
      if (isOutside(this.element, target)) {
        this.disclosure.show(false);
      }
    };
    this.disclosure = new Disclosure("Columns", this.panel, {
      opened: () => {
        this.refresh();
        this.disclosure.popup.place();
        document.addEventListener("pointerdown", this.outside);
      },
      closed: () => {
        this.list.replaceChildren();
        this.remove();
      },
      redrawn: true,
    });
    this.element = this.disclosure.element;
  }

  /** Rebuild the list from the columns shown now; the focus stays on the same control. */
  refresh() {
    if (!this.disclosure.open) {
      return;
    }
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const [key, what] = ["data-key", "data-what"].map((name) => focused?.getAttribute(name));
    const shown = this.shown();
    const hidden = this.every.filter((column) => !shown.includes(column.key));
    const columns = [...shown.flatMap((one) => this.every.filter((column) => column.key === one)), ...hidden];
    this.list.replaceChildren(...columns.map((column) => this.#item(column, shown)));
    if (focused) {
      const [same, box] = [what, "toggle"].map(
        (one) =>
          /** @type {HTMLButtonElement | HTMLInputElement | null} */ (
            this.list.querySelector(`[data-key="${key}"][data-what="${one}"]`)
          ),
      );
      (same?.disabled ? box : same)?.focus();
    }
  }

  remove() {
    this.disclosure.popup.show(false);
    document.removeEventListener("pointerdown", this.outside);
  }

  /** @param {HTMLElement} target */
  #act(target) {
    const { key = "", what } = target.dataset;
    if (what === "toggle") {
      this.callbacks.toggle(key);
    } else if (what === "left" || what === "right") {
      this.callbacks.move(key, what === "left" ? -1 : 1);
    } else if (what === "reset") {
      this.callbacks.reset();
    } else {
      return;
    }
    this.refresh();
  }

  /**
   * @param {Column} column
   * @param {string[]} shown
   */
  #item({ key, label }, shown) {
    const at = shown.indexOf(key);
    const box = element("input", {
      type: "checkbox",
      "data-key": key,
      "data-what": "toggle",
      checked: at >= 0,
      disabled: at >= 0 && shown.length === 1,
    });
    const left = this.#button("‹", "pw-move", "left", key, `Move ${label} left`, at <= 0);
    const right = this.#button("›", "pw-move", "right", key, `Move ${label} right`, at < 0 || at === shown.length - 1);
    return element("div", { class: "pw-menu-item" }, element("label", {}, box, label), left, right);
  }

  /**
   * @param {string} text
   * @param {string} className
   * @param {string} what
   * @param {string} [key]
   * @param {string} [label]
   * @param {boolean} [disabled]
   */
  #button(text, className, what, key = "", label = text, disabled = false) {
    return element(
      "button",
      {
        type: "button",
        class: className,
        "data-what": what,
        "data-key": key,
        "aria-label": label,
        title: label,
        disabled,
      },
      text,
    );
  }
}
