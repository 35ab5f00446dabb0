/**
 * Sorts rows, and keeps their order while it is held: new rows then come at the end. Unknown values are last in both
 * directions; equal ones are in the order of their pids. Pure.
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
    // Look each row's values up once, not at every comparison.
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

/** How many rows are the first ones: what belongs to them and is out of sight is worth a word. */
const FIRST = 5;

/**
 * The rows that belong to the first ones and are below what is in sight, because the order is held.
 * @param {Row[]} sorted as they would be without that
 * @param {Row[]} list as they are
 * @param {number} last index of the last visible row in `list`
 * @returns {Row[]}
 */
export function belongFirst(sorted, list, last) {
  return sorted.slice(0, FIRST).filter((row) => {
    const at = list.indexOf(row);
    return !row.ended && (at < 0 || at > last);
  });
}

/**
 * The list while no visible row may move: new rows come at the end, and rows that ended stay where they are visible.
 * @param {Row[]} before
 * @param {Iterable<Row>} rows
 * @param {Filter} filter
 * @param {number} first index of the first visible row
 * @param {number} last index of the last visible row
 * @returns {{ list: Row[], above: number }} `above` says how many rows were removed above the visible ones
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
