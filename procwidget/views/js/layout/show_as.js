/** The control "Show as": a list, a tree or groups, and buttons that open or close all of these. */

import { button, element } from "../ui/dom.js";

/** @import { Kind } from "../rows/listing.js" */

/** @type {[kind: Kind, label: string][]} */
const KINDS = [
  ["list", "list"],
  ["tree", "tree"],
  ["user", "by user"],
  ["name", "by name"],
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
    this.select = element("select", { class: "pw-select" });
    this.select.append(...KINDS.map(([value, label]) => element("option", { value }, label)));
    this.select.value = kind;
    const open = button("Expand all", () => callbacks.setAllOpen(true));
    const close = button("Collapse all", () => callbacks.setAllOpen(false));
    this.all = element("span", { class: "pw-turn-all", hidden: kind === "list" }, open, close);
    this.element = element("div", { class: "pw-show-as" }, element("label", {}, "Show as ", this.select), this.all);
    this.select.addEventListener("change", () => {
      const chosen = /** @type {Kind} */ (this.select.value);
      this.all.hidden = chosen === "list";
      callbacks.show(chosen);
    });
  }
}
