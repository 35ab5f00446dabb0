/**
 * Proposes completions for what is typed so far: columns with their usual operator, or, after a whole column name, all
 * operators that it takes. Pure.
 */

import { columnOf, isNumeric, SEARCH_COLUMNS } from "./comparison.js";
import { isKeyword, tokenize } from "./lexer.js";
import { LOOKUPS } from "./lookups.js";

/** @import { SearchColumn } from "./comparison.js" */

/** @typedef {{ text: string, hint: string }} Proposal what would be written, and what it means */

/** @typedef {{ start: number, end: number, list: Proposal[] }} Proposals for the text from `start` up to `end` */

/** The fewest letters for which columns are proposed unasked, since nearly every letter begins some column. */
const ENOUGH = 2;

const FRAGMENT = /(?:^|[\s(])([A-Za-z_]?[A-Za-z0-9_]*)$/;

/** @type {Record<string, string>} */
const MEANINGS = {
  "=": "the same",
  "!=": "not the same",
  ">": "more than",
  ">=": "at least",
  "<": "less than",
  "<=": "at most",
  "~": "has in it",
  "!~": "does not have in it",
};
const ON_NUMBERS = [">", "<", "=", ">=", "<=", "!="];
const ON_TEXT = ["=", "~", "!=", "!~"];

/**
 * @param {string} text
 * @param {number} caret
 * @param {boolean} [asked] whether the user asked for proposals, so that every column is one
 * @returns {Proposals | null} null when there is nothing to propose
 */
export function proposals(text, caret, asked = false) {
  const [, fragment] = FRAGMENT.exec(text.slice(0, caret)) ?? [];
  if (fragment === undefined || /^[^\s)]/.test(text.slice(caret)) || isKeyword(fragment)) {
    return null;
  }
  const start = caret - fragment.length;
  try {
    tokenize(text.slice(0, start));
  } catch {
    // A value or the rest of a quoted text stands here, not a column.
    return null;
  }
  const list = propose(fragment, asked);
  return list.length > 0 ? { start, end: caret, list } : null;
}

/**
 * @param {string} fragment
 * @param {boolean} asked
 * @returns {Proposal[]}
 */
function propose(fragment, asked) {
  const begun = fragment.toLowerCase();
  if (begun.length < ENOUGH && !asked) {
    return [];
  }
  const whole = columnOf(begun);
  const operators = whole ? (isNumeric(whole) ? ON_NUMBERS : ON_TEXT) : [];
  const found = SEARCH_COLUMNS.flatMap((column) => {
    const name = column.names.find((one) => one.startsWith(begun));
    return name && column !== whole ? [proposal(column, name)] : [];
  });
  const lookups = Object.entries(LOOKUPS).filter(([kind]) => kind.startsWith(begun));
  found.push(...lookups.map(([kind, { hint }]) => ({ text: `${kind}:`, hint })));
  return [...operators.map((sign) => ({ text: fragment + sign, hint: MEANINGS[sign] ?? "" })), ...found];
}

/**
 * @param {SearchColumn} column
 * @param {string} name
 */
function proposal({ field }, name) {
  return { text: name + (field.operator || ">"), hint: field.hint };
}
