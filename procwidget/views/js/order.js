/**
 * Rows enter in any order, the list to show leaves: filtered and sorted, or, while it is held, as it was before with
 * newcomers at its end. Unknown values come last in both directions; ties are in the order of pids. Pure.
 */

/** @import { Column } from "./columns.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Row, SortKey } from "./types.js" */

/**
 * The rows that match, sorted.
 * @param {Iterable<Row>} rows
 * @param {Filter} filter
 * @param {Column[]} columns
 * @param {SortKey[]} keys the first counts most
 * @returns {Row[]}
 */
export function arrange(rows, filter, columns, keys) {
  const list = filter.all ? [...rows] : [...rows].filter(filter.matches);
  // Each row's values are looked up once, not at each of the many comparisons.
  const steps = keys.flatMap(({ key, descending }) => {
    const column = columns.find((one) => one.key === key);
    return column ? [{ values: list.map(column.order), sign: descending ? -1 : 1 }] : [];
  });
  const places = list.map((_, place) => place);
  places.sort((i, j) => {
    for (const { values, sign } of steps) {
      const x = /** @type {string | number | null} */ (values[i]);
      const y = /** @type {string | number | null} */ (values[j]);
      if (x !== y) {
        return x === null ? 1 : y === null ? -1 : x < y ? -sign : sign;
      }
    }
    const a = /** @type {Row} */ (list[i]);
    const b = /** @type {Row} */ (list[j]);
    return a.pid - b.pid || a.key - b.key;
  });
  return places.map((place) => /** @type {Row} */ (list[place]));
}

/**
 * The list while nothing in sight may move: newcomers at the end, rows that left kept where they can be seen.
 * @param {Row[]} before
 * @param {Iterable<Row>} rows
 * @param {Filter} filter
 * @param {number} first index of the first row in sight
 * @param {number} last index of the last row in sight
 * @returns {{ list: Row[], above: number }} `above` says how many rows left above those in sight
 */
export function hold(before, rows, filter, first, last) {
  const shown = new Set();
  /** @type {Row[]} */
  const list = [];
  let above = 0;
  for (const [index, row] of before.entries()) {
    if (row.ended && (index < first || index > last)) {
      above += index < first ? 1 : 0;
      continue;
    }
    list.push(row);
    shown.add(row);
  }
  for (const row of rows) {
    if (!shown.has(row) && filter.matches(row)) {
      list.push(row);
    }
  }
  return { list, above };
}
