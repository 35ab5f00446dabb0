/**
 * The bar that says how many processes are selected and what can be done with them. A selection enters; what a user
 * chose to do leaves. There is nothing of it while nothing is selected.
 */

import { DEEDS } from "./deeds.js";
import { element, setHidden, setText } from "./dom.js";
import { Menu } from "./menu.js";
import { MOST } from "./selection.js";

/** @import { Filter } from "./filter.js" */
/** @import { Selection } from "./selection.js" */

export class Batch {
  /**
   * @param {Selection} selection
   * @param {boolean} actions whether processes can be signalled here
   * @param {{ act: (signal: string) => void, subtree: () => void, cleared: () => void }} on `act` gets a key of DEEDS
   */
  constructor(selection, actions, on) {
    this.selection = selection;
    this.text = element("span", { class: "pw-selected", role: "status", "aria-label": "Selection" });
    const items = Object.entries(DEEDS).map(([signal, { verb }]) => ({
      label: `${verb}…`,
      act: () => on.act(signal),
    }));
    this.menu = new Menu("Actions", actions ? items : []);
    this.menu.element.hidden = !actions;
    this.subtree = element("button", { type: "button", class: "pw-button" }, "Select its subtree");
    this.subtree.addEventListener("click", () => {
      on.subtree();
      if (this.subtree.hidden) {
        this.clear.focus();
      }
    });
    this.clear = element("button", { type: "button", class: "pw-button" }, "Clear selection");
    this.clear.addEventListener("click", () => {
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
