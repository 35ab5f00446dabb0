/**
 * Says beside the table that its order is held, which rows are out of their places because of that, and offers to sort
 * now. A newcomer that belongs to the first rows is spoken once, not again with each of its figures.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";

/** @import { Row } from "../types.js" */

export class OrderHint {
  /** @param {() => void} sortNow */
  constructor(sortNow) {
    this.text = element("span", { class: "pw-hint" });
    this.button = button("Sort now", sortNow, { class: "pw-button pw-sort-now", title: "Sort now (s)", hidden: true });
    this.spoken = element("span", { class: "pw-unseen", role: "status", "aria-label": "Order" });
    this.element = element("span", { class: "pw-order" }, this.text, this.button, this.spoken);
  }

  /**
   * @param {boolean} paused
   * @param {boolean} held
   * @param {Row[]} waiting rows that belong to the first ones and are out of sight below
   * @param {(row: Row) => string} figureOf what the table is sorted by, of a row
   */
  show(paused, held, waiting, figureOf) {
    const [first] = held && !paused ? waiting : [];
    const many = waiting.length === 1 ? "1 above is" : `${waiting.length} above are`;
    const missing = first ? `${many} not shown in order: ${first.name} ${figureOf(first)}`.trim() : "";
    setText(this.text, paused ? "Paused" : missing || (held ? "Order held" : ""));
    this.text.classList.toggle("pw-waiting", missing !== "");
    setAttribute(this.text, "title", missing || null);
    setHidden(this.button, !held || paused);
    setText(this.spoken, first ? `${first.name} is not shown in order. Press s to sort.` : "");
  }
}
