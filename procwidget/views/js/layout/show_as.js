/**
 * The control "Show as": a list, a tree or groups, and buttons that open or close all of these. The usual ones are
 * buttons side by side; a list has all of them, also where there is no room for the buttons.
 */

import { button, element, setAttribute } from "../ui/dom.js";

/** @import { Kind } from "../rows/listing.js" */

/** @type {[kind: Kind, label: string, button?: string][]} */
const KINDS = [
  ["name", "by name", "Apps"],
  ["list", "list", "Processes"],
  ["tree", "tree", "Tree"],
  ["user", "by user", "Users"],
  ["session", "by session"],
  ["container", "by container"],
  ["unit", "by unit"],
];

export class ShowAs {
  /**
   * @param {Kind} kind
   * @param {{ show: (kind: Kind) => void, setAllOpen: (open: boolean) => void }} callbacks
   */
  constructor(kind, callbacks) {
    this.select = element("select", { class: "pw-select pw-kinds", "aria-label": "Show as", title: "Show as" });
    this.select.append(...KINDS.map(([value, label]) => element("option", { value }, label)));
    this.select.value = kind;
    const sign = { class: "pw-button pw-sign" };
    const open = button("+", () => callbacks.setAllOpen(true), {
      ...sign,
      "aria-label": "Expand all",
      title: "Expand all",
    });
    const close = button("−", () => callbacks.setAllOpen(false), {
      ...sign,
      "aria-label": "Collapse all",
      title: "Collapse all",
    });
    this.all = element("span", { class: "pw-turn-all", hidden: kind === "list" }, open, close);
    this.usual = KINDS.flatMap(([value, , label]) =>
      label ? [button(label, () => this.#choose(value), { class: "pw-kind", "data-kind": value })] : [],
    );
    this.callbacks = callbacks;
    this.element = element(
      "div",
      { class: "pw-show-as" },
      element("div", { class: "pw-segments", role: "group", "aria-label": "View" }, ...this.usual, this.select),
      this.all,
    );
    this.select.addEventListener("change", () => this.#choose(/** @type {Kind} */ (this.select.value)));
    this.#mark(kind);
  }

  /** @param {Kind} kind */
  #choose(kind) {
    this.#mark(kind);
    this.callbacks.show(kind);
  }

  /** @param {Kind} kind */
  #mark(kind) {
    this.select.value = kind;
    this.all.hidden = kind === "list";
    for (const one of this.usual) {
      setAttribute(one, "aria-pressed", String(one.dataset["kind"] === kind));
    }
    // As the last of the buttons it says what none of them does.
    this.select.classList.toggle("pw-other", !this.usual.some((one) => one.dataset["kind"] === kind));
  }
}
