/**
 * A query and a moment enter, a predicate over rows leaves: ages count up to that moment. Pure.
 */

/** @import { Query } from "./query.js" */
/** @import { Row } from "../types.js" */

/**
 * @typedef {object} Filter
 * @property {boolean} all whether every row matches, for nothing was asked
 * @property {(row: Row) => boolean} matches
 */

/**
 * @param {Query} query
 * @param {number} now Unix seconds
 * @returns {Filter}
 */
export function filterOf(query, now) {
  return { all: query.all, matches: (row) => query.matches(row, now) };
}
