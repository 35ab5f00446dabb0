/**
 * The control "Show as": processes, apps, a tree or groups, and buttons that open or close all of these. What is used
 * most has a button each; the list beside them has all, and is what is left of it where there is little room.
 */

import { button, element, setAttribute } from "../ui/dom.js";

/** @import { Kind } from "../rows/listing.js" */

/** @type {[kind: Kind, label: string][]} */
const KINDS = [
  ["list", "Processes"],
  ["app", "Apps"],
  ["tree", "Tree"],
  ["user", "Users"],
  ["notebook", "Notebooks"],
  ["name", "By name"],
  ["container", "By container"],
  ["unit", "By unit"],
];

/** How many of these have a button. */
const BUTTONS = 5;

export class ShowAs {
  /**
   * @param {Kind} kind
   * @param {{ show: (kind: Kind) => void, setAllOpen: (open: boolean) => void }} callbacks
   */
  constructor(kind, callbacks) {
    this.select = element("select", { class: "pw-select pw-kinds", "aria-label": "Show as", title: "Show as" });
    this.select.append(...KINDS.map(([value, label]) => element("option", { value }, label)));
    /** @type {[Kind, HTMLButtonElement][]} */
    this.buttons = KINDS.slice(0, BUTTONS).map(([value, label]) => [
      value,
      button(label, () => this.#choose(value, callbacks.show), { class: "pw-kind" }),
    ]);
    const open = sign("+", "Expand all", () => callbacks.setAllOpen(true));
    const close = sign("−", "Collapse all", () => callbacks.setAllOpen(false));
    this.all = element("span", { class: "pw-turn-all" }, open, close);
    const kinds = element("div", { class: "pw-segments", role: "group", "aria-label": "Rows are" });
    kinds.append(...this.buttons.map(([, made]) => made), this.select);
    this.element = element("div", { class: "pw-show-as" }, kinds, this.all);
    this.select.addEventListener("change", () => {
      this.#choose(/** @type {Kind} */ (this.select.value), callbacks.show);
    });
    this.set(kind);
  }

  /**
   * Show which one is chosen.
   * @param {Kind} kind
   */
  set(kind) {
    this.select.value = kind;
    this.all.hidden = kind === "list";
    for (const [value, made] of this.buttons) {
      setAttribute(made, "aria-pressed", String(value === kind));
    }
    this.select.classList.toggle("pw-other", !this.buttons.some(([value]) => value === kind));
  }

  /**
   * @param {Kind} kind
   * @param {(kind: Kind) => void} show
   */
  #choose(kind, show) {
    this.set(kind);
    show(kind);
  }
}

/**
 * @param {string} text
 * @param {string} name
 * @param {() => void} act
 */
function sign(text, name, act) {
  return button(text, act, { class: "pw-button pw-sign", "aria-label": name, title: name });
}
