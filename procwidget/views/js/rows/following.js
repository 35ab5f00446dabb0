/**
 * Where the followed row is shown in a plain list: at its place if that is in sight, else as the last line in sight, so
 * that it stays there together with the top of the list. Pure.
 */

/** @import { Row } from "../types.js" */

/**
 * @param {Row[]} list sorted
 * @param {Row | null} followed
 * @param {number} lines how many are in sight
 * @returns {{ list: Row[], place: number | null }} `place` is its place in the order, from 1, where it is shown elsewhere
 */
export function keptInSight(list, followed, lines) {
  const at = followed ? list.indexOf(followed) : -1;
  const last = Math.max(0, lines - 1);
  if (followed === null || at <= last) {
    return { list, place: null };
  }
  return { list: [...list.slice(0, last), followed, ...list.slice(last, at), ...list.slice(at + 1)], place: at + 1 };
}
