/**
 * How a user has arranged the table: what was chosen before and a wish enter, the new choice leaves. Which columns, in
 * which order and how wide, and the keys that sort. Pure.
 */

/** @import { SortKey } from "../types.js" */

/**
 * @typedef {object} Arrangement
 * @property {SortKey[]} sort the first counts most; one or two
 * @property {string[] | null} columns keys of those shown, in order; null while nobody chose
 * @property {Record<string, number>} widths pixels by key
 */

/**
 * The sort keys after somebody chose a column: the same one again turns its direction.
 * @param {SortKey[]} sort
 * @param {{ key: string, numeric: boolean }} column figures begin with the largest
 * @param {boolean} second whether it is to order what the first key leaves equal; chosen a third time it goes
 * @returns {SortKey[]}
 */
export function sorted(sort, { key, numeric }, second) {
  const [first, other] = sort;
  const rest = other ? [other] : [];
  if (first === undefined || first.key === key) {
    return [{ key, descending: first ? !first.descending : numeric }, ...rest];
  }
  if (!second) {
    return [{ key, descending: numeric }];
  }
  if (other?.key !== key) {
    return [first, { key, descending: numeric }];
  }
  return other.descending === numeric ? [first, { key, descending: !numeric }] : [first];
}

/**
 * The keys after one of them moved.
 * @param {string[]} keys those shown, in order
 * @param {string} key
 * @param {number} to the place it is to have, from 0; beyond the edges it stops there
 */
export function moved(keys, key, to) {
  const rest = keys.filter((one) => one !== key);
  if (rest.length === keys.length) {
    return keys;
  }
  const place = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, place), key, ...rest.slice(place)];
}

/**
 * The keys after one was shown or hidden; the last one stays.
 * @param {string[]} keys those shown, in order
 * @param {string} key
 * @param {string[]} usual all keys in their usual order, which says where one that is shown comes in
 */
export function toggled(keys, key, usual) {
  if (keys.includes(key)) {
    return keys.length > 1 ? keys.filter((one) => one !== key) : keys;
  }
  const before = new Set(usual.slice(0, usual.indexOf(key)));
  const place = keys.reduce((last, one, at) => (before.has(one) ? at + 1 : last), 0);
  return moved([...keys, key], key, place);
}
