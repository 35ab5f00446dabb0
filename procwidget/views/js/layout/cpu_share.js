/**
 * The choice whether a process's CPU is percent of one core or of the whole machine. It is a matter of drawing: what
 * rows hold, thresholds, and what a search compares stay percent of one core.
 */

import { element } from "../ui/dom.js";
import { figure } from "../ui/format.js";

/** @import { Column } from "../table/columns.js" */
/** @import { Row, Scene } from "../types.js" */

/** @typedef {{ ofMachine: boolean }} CpuChoice */

/**
 * Columns as the choice has them drawn.
 * @param {Column[]} columns
 * @param {CpuChoice} choice
 * @returns {Column[]}
 */
export function withCpuShare(columns, { ofMachine }) {
  return columns.map((column) => (ofMachine && column.key === "cpu" ? { ...column, ...OF_MACHINE } : column));
}

/** @type {Partial<Column>} */
const OF_MACHINE = {
  label: "CPU % all",
  width: "112px",
  narrow: "92px",
  text: (/** @type {Row} */ { cpu }, /** @type {Scene} */ { cpus }) =>
    cpu === null || !cpus ? "—" : figure(cpu / cpus, cpus > 8 ? 2 : 1),
};

/** The switch in the menu "Columns". */
export class CpuShare {
  /**
   * @param {CpuChoice} choice
   * @param {() => void} changed
   */
  constructor(choice, changed) {
    const box = element("input", { type: "checkbox", checked: choice.ofMachine });
    box.addEventListener("change", () => {
      choice.ofMachine = box.checked;
      changed();
    });
    this.element = element("div", { class: "pw-menu-item" }, element("label", {}, box, "CPU % of the whole machine"));
  }
}
