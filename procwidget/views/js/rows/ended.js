/**
 * Keeps rows that ended quiet: the newest two have a line each for a moment, all others together have one that counts
 * them. Where many processes come and go, as in a build, most of the table would be corpses else. Pure.
 */

import { blankRow } from "./row.js";

/** @import { Row } from "../types.js" */

/** How many ended rows have a line of their own. */
export const LINES = 2;

/**
 * @param {Row[]} rows
 * @returns {{ rows: Row[], more: number }} those that get a line, and how many that ended do not
 */
export function withoutOldEnded(rows) {
  const ended = rows.filter((row) => row.ended);
  if (ended.length <= LINES) {
    return { rows, more: 0 };
  }
  ended.sort((a, b) => (b.left ?? 0) - (a.left ?? 0) || (b.cpu ?? 0) - (a.cpu ?? 0) || b.key - a.key);
  const shown = new Set(ended.slice(0, LINES));
  return { rows: rows.filter((row) => !row.ended || shown.has(row)), more: ended.length - LINES };
}

/**
 * The line that counts the others. It is a group of no processes, so nothing can be done with it.
 * @returns {Row}
 */
export function lineOfEnded() {
  return { ...blankRow(-1), identity: "ended", ended: true, group: [] };
}

/**
 * Put the line that counts after the last ended row of a list.
 * @param {Row[]} list
 * @param {Row} line
 * @param {number} more how many it counts
 * @returns {Row[]}
 */
export function withLineOfEnded(list, line, more) {
  if (more === 0) {
    return list;
  }
  line.name = `and ${more} more ended`;
  let after = list.length;
  while (after > 0 && !list[after - 1]?.ended) {
    after--;
  }
  const at = after || list.length;
  return [...list.slice(0, at), line, ...list.slice(at)];
}
