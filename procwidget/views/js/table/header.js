/**
 * The grid's header: columns enter, cells that say what each is, and by what the table is sorted, leave.
 */

import { element, setAttribute, setText } from "../ui/dom.js";

/** @import { Column } from "./columns.js" */
/** @import { SortKey } from "../types.js" */

/** The class of the edge by which a column is made wider or narrower. */
export const GRIP = "pw-grip";

/**
 * @param {Column[]} columns those in sight
 * @param {Column[]} all
 */
export function headings(columns, all) {
  return columns.map((column) =>
    element(
      "div",
      {
        role: "columnheader",
        class: column.numeric ? "pw-cell pw-figure" : "pw-cell",
        "data-column": column.key,
        "aria-colindex": String(all.indexOf(column) + 1),
        tabindex: "-1",
        ...(column.fixed ? { "data-fixed": true } : {}),
      },
      column.heading?.() ?? element("span", { class: column.fixed ? "pw-unseen" : "pw-label" }, column.label),
      ...(column.fixed
        ? []
        : [element("span", { class: "pw-sort-2" }), element("span", { class: GRIP, "aria-hidden": "true" })]),
    ),
  );
}

/**
 * Say in the header by what the table is sorted.
 * @param {HTMLElement} head
 * @param {SortKey[]} sort
 */
export function showSort(head, [first, second]) {
  for (const cell of head.children) {
    if (cell.hasAttribute("data-fixed")) {
      continue;
    }
    const key = cell.getAttribute("data-column");
    setAttribute(cell, "aria-sort", first?.key !== key ? "none" : first?.descending ? "descending" : "ascending");
    const mark = /** @type {HTMLElement} */ (cell.querySelector(".pw-sort-2"));
    const isSecond = second !== undefined && second.key === key;
    setText(mark, isSecond ? `${second.descending ? "↓" : "↑"}2` : "");
    // Only one heading may have `aria-sort`; of the second key one hears in words.
    const words = `second sort key, ${second?.descending ? "descending" : "ascending"}`;
    setAttribute(cell, "aria-description", isSecond ? words : null);
    setAttribute(mark, "aria-hidden", "true");
  }
}
