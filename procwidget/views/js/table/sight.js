/**
 * What of a long list is near enough to be seen: the list, the places in visibleRange and rows that have to stay enter; the
 * rows to have in the document leave, each with its index. Pure.
 */

/** @import { Row } from "../types.js" */

/** Lines beyond either edge that are there before they are scrolled to. */
const OVERSCAN = 6;

/**
 * @param {Row[]} list
 * @param {{ first: number, last: number }} visibleRange indices of the first and last row in visibleRange
 * @param {Iterable<Row | null>} stay rows that are in the document wherever they are
 * @returns {{ row: Row, index: number }[]} in the order of the list
 */
export function rowsToRender(list, { first, last }, stay) {
  const from = Math.max(0, first - OVERSCAN);
  const wanted = list.slice(from, last + OVERSCAN + 1).map((row, at) => ({ row, index: from + at }));
  const end = from + wanted.length;
  for (const row of new Set(stay)) {
    const index = row ? list.indexOf(row) : -1;
    if (row && index >= 0 && (index < from || index >= end)) {
      wanted.push({ row, index });
      wanted.sort((a, b) => a.index - b.index);
    }
  }
  return wanted;
}
