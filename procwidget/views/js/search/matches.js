/** Finds what matches among rows that are all shown. Pure. */

/** @import { Row } from "../types.js" */
/** @import { Query } from "./query.js" */

/** A filter that lets every row stay. */
export const EVERYTHING = { all: true, matches: () => true };

/**
 * How many living processes match.
 * @param {Row[]} rows
 * @param {Query} query
 * @param {number} now Unix seconds
 */
export function countMatches(rows, query, now) {
  return rows.filter((row) => !row.ended && query.matches(row, now)).length;
}

/**
 * The next row that matches, or the one before; after the last comes the first. Null without any.
 * @param {Row[]} list
 * @param {Row | null} from
 * @param {number} step 1 or -1
 * @param {Query} query
 * @param {number} now Unix seconds
 */
export function nextMatch(list, from, step, query, now) {
  const { length } = list;
  let at = from ? list.indexOf(from) : step > 0 ? -1 : length;
  for (let looked = 0; looked < length && !query.all; looked++) {
    at = (at + step + length) % length;
    const row = list[at];
    if (row && row.group === null && query.matches(row, now)) {
      return row;
    }
  }
  return null;
}
