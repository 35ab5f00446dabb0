/**
 * The bar that says how many processes are selected, and offers what can be done with them. It is empty while nothing
 * is selected.
 */

import { MOST } from "../rows/selection.js";
import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { Menu } from "../ui/menu.js";
import { offered, whyLess } from "./system.js";

/** @import { Selection } from "../rows/selection.js" */
/** @import { Filter } from "../search/query.js" */
/** @import { System } from "./system.js" */

export class SelectionBar {
  /**
   * @param {Selection} selection
   * @param {boolean} actions whether processes can be signalled here
   * @param {{ act: (signal: string) => void, endTree: () => void, subtree: () => void, cleared: () => void, system?: System }}
   *   on `act` gets a key of SIGNALS, one that `system` has
   */
  constructor(selection, actions, on) {
    this.selection = selection;
    this.text = element("span", { class: "pw-selected", role: "status", "aria-label": "Selection" });
    const items = offered(on.system).map(([signal, { verb }]) => ({
      label: `${verb.replace(/ (of|to)$/, "")}…`,
      act: () => on.act(signal),
    }));
    items.splice(1, 0, { label: "End whole tree…", act: on.endTree });
    this.menu = new Menu("Actions", actions ? items : []);
    this.menu.element.hidden = !actions;
    setAttribute(this.menu.disclosure.button, "title", whyLess(on.system) || null);
    this.subtree = button("Select its subtree", () => {
      on.subtree();
      if (this.subtree.hidden) {
        this.clear.focus();
      }
    });
    this.clear = button("Clear selection", () => {
      selection.clear();
      on.cleared();
    });
    this.buttons = element("div", { class: "pw-batch", hidden: true }, this.menu.element, this.subtree, this.clear);
    this.element = element("div", { class: "pw-batch" }, this.text, this.buttons);
  }

  /** @param {Filter} filter what the table shows */
  refresh(filter) {
    const { size, rows } = this.selection;
    let hidden = 0;
    for (const row of filter.all ? [] : rows.values()) {
      hidden += filter.matches(row) ? 0 : 1;
    }
    const most = size === MOST ? " (no more can be)" : "";
    setText(this.text, size === 0 ? "" : `${size} selected${most}${hidden ? `, ${hidden} of them not shown` : ""}`);
    setHidden(this.buttons, size === 0);
    setHidden(this.subtree, size !== 1);
  }
}
