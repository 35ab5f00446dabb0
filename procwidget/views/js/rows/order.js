/**
 * Rows enter in any order, and leave sorted, or, while the list is held, as they were before with newcomers at the end.
 * Unknown values come last in both directions; ties are in the order of pids. Pure.
 */

/** @import { Filter } from "../search/query.js" */
/** @import { Row, SortKey } from "../types.js" */

/** @typedef {{ key: string, order: (row: Row) => string | number | null }} Sortable a column, by what it sorts rows */

/**
 * A function that returns rows sorted.
 * @param {Sortable[]} columns
 * @param {SortKey[]} keys the first counts most
 * @returns {(rows: Row[]) => Row[]}
 */
export function sorter(columns, keys) {
  const steps = keys.flatMap(({ key, descending }) => {
    const column = columns.find((one) => one.key === key);
    return column ? [{ order: column.order, sign: descending ? -1 : 1 }] : [];
  });
  return (rows) => {
    if (rows.length < 2) {
      return rows;
    }
    // Each row's values are looked up once, not at each of the many comparisons.
    const looked = steps.map(({ order, sign }) => ({ values: rows.map(order), sign }));
    const places = rows.map((_, place) => place);
    places.sort((i, j) => {
      for (const { values, sign } of looked) {
        const x = /** @type {string | number | null} */ (values[i]);
        const y = /** @type {string | number | null} */ (values[j]);
        if (x !== y) {
          return x === null ? 1 : y === null ? -1 : x < y ? -sign : sign;
        }
      }
      const a = /** @type {Row} */ (rows[i]);
      const b = /** @type {Row} */ (rows[j]);
      return a.pid - b.pid || a.key - b.key;
    });
    return places.map((place) => /** @type {Row} */ (rows[place]));
  };
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
export function holdOrder(before, rows, filter, first, last) {
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
