/**
 * One comparison of a search, such as `cpu>50`: the columns that can be compared, the operators and values that each
 * takes, and the predicate. docs/search.md is the reference; Python has the same rules, and tests/query_cases.json
 * holds both to them. Pure.
 */

import { FIELDS } from "../fields.generated.js";
import { statusWord } from "../ui/format.js";
import { fold } from "./folding.js";
import { compilePattern } from "./pattern.js";

/** @import { Field, Kind, Row } from "../types.js" */

/** @typedef {(row: Row, now: number) => boolean} Predicate whether a row matches at a moment, in Unix seconds */

/** @typedef {{ names: string[], field: Field }} SearchColumn its first name is the row's key, but for "age" */

/** @type {SearchColumn[]} */
export const SEARCH_COLUMNS = FIELDS.filter(({ searched }) => searched).map((field) => ({
  names: [field.key, ...field.aliases],
  field,
}));

const BY_NAME = new Map(SEARCH_COLUMNS.flatMap((column) => column.names.map((name) => [name, column])));

/** @type {Record<string, (x: number, y: number) => boolean>} */
const ORDERS = {
  ">": (x, y) => x > y,
  ">=": (x, y) => x >= y,
  "<": (x, y) => x < y,
  "<=": (x, y) => x <= y,
};
const NUMBER = /^(-?(?:[0-9]+(?:\.([0-9]+))?|\.([0-9]+)))([a-z%/]*)$/;
const MOST_DECIMALS = 15;
const LONGEST_NAME = 12;

export { fold };

/** Separator between a row's searchable fields; cannot occur in them. */
export const SEPARATOR = "\0";

/**
 * The text in which plain words are searched.
 * @param {Pick<Row, "name" | "command" | "user" | "pid">} row
 */
export function searchTextOf({ name, command, user, pid }) {
  return fold([name, command ?? "", user ?? "", pid].join(SEPARATOR));
}

/**
 * The column of a name, in upper or lower case; null when there is none.
 * @param {string} name
 */
export function columnOf(name) {
  return BY_NAME.get(name.toLowerCase()) ?? null;
}

/**
 * The column name that `name` was probably meant to be: one letter off, or two if it is longer than five.
 * @param {string} name
 * @returns {string | null}
 */
export function similarName(name) {
  const letters = [...name.toLowerCase()];
  if (letters.length > LONGEST_NAME) {
    return null;
  }
  let best = letters.length <= 5 ? 2 : 3;
  let found = null;
  for (const known of BY_NAME.keys()) {
    const steps = distance(letters, known);
    if (steps < best) {
      best = steps;
      found = known;
    }
  }
  return found;
}

/**
 * How many letters must be added, left out, replaced or swapped with a neighbour (optimal alignment).
 * @param {string[]} one
 * @param {string} other
 */
function distance(one, other) {
  /** @type {number[]} */
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (const [i, letter] of one.entries()) {
    const earlier = before;
    before = row;
    row = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const [corner = 0, above = 0, left = 0] = [before[j], before[j + 1], row[j]];
      let steps = Math.min(corner + (letter === other[j] ? 0 : 1), above + 1, left + 1);
      if (i > 0 && j > 0 && letter === other[j - 1] && one[i - 1] === other[j]) {
        steps = Math.min(steps, (earlier[j - 1] ?? 0) + 1);
      }
      row.push(steps);
    }
  }
  return row[other.length] ?? 0;
}

/** @param {SearchColumn} column */
export function isNumeric({ field }) {
  return field.kind.name !== "text";
}

/**
 * Whether a column takes an operator: text has no order, and numbers contain nothing.
 * @param {SearchColumn} column
 * @param {string} sign
 */
export function takesOperator(column, sign) {
  return sign === "=" || sign === "!=" || sign in ORDERS === isNumeric(column);
}

/**
 * The predicate of a comparison whose operator the column takes; null when `value` is no number. What is unknown
 * matches `!=` and `!~`, which are the opposites of `=` and `~`, and nothing else.
 * @param {SearchColumn} column
 * @param {string} sign
 * @param {string} value
 * @returns {Predicate | null}
 */
export function compare(column, sign, value) {
  if (sign === "!=" || sign === "!~") {
    const positive = compare(column, sign.slice(1), value);
    return positive && ((row, now) => !positive(row, now));
  }
  const { key, kind } = column.field;
  return isNumeric(column) ? compareNumber(key, kind, sign, value) : compareText(key, sign, fold(value));
}

/**
 * The predicate of a text that a regular expression is found in, or with `!~` is not; null when it is none.
 * @param {SearchColumn} column
 * @param {string} sign
 * @param {string} source
 * @returns {Predicate | null}
 */
export function comparePattern(column, sign, source) {
  const pattern = compilePattern(source);
  if (pattern === null) {
    return null;
  }
  const found = textPredicate(column.field.key, (text) => pattern.test(fold(text)));
  return sign === "!~" ? (row, now) => !found(row, now) : found;
}

/**
 * Whether a value is a number without a unit, and `unit` one that it can have: `50` and `%`.
 * @param {SearchColumn} column
 * @param {string} value
 * @param {string} unit
 */
export function canHaveUnit({ field }, value, unit) {
  return unit !== "" && Object.hasOwn(field.kind.units, unit.toLowerCase()) && NUMBER.exec(value)?.[4] === "";
}

/**
 * @param {string} key
 * @param {string} sign
 * @param {string} wanted
 * @returns {Predicate}
 */
function compareText(key, sign, wanted) {
  return textPredicate(key, sign === "~" ? (text) => fold(text).includes(wanted) : (text) => fold(text) === wanted);
}

/**
 * @param {string} key
 * @param {(text: string) => boolean} fits
 * @returns {Predicate}
 */
function textPredicate(key, fits) {
  if (key === "status") {
    return ({ status }) => status !== null && (fits(status) || fits(statusWord(status)));
  }
  return (row) => {
    const text = valueOf(row, key);
    return typeof text === "string" && fits(text);
  };
}

/**
 * @param {string} key
 * @param {Kind} kind
 * @param {string} sign
 * @param {string} value
 * @returns {Predicate | null}
 */
function compareNumber(key, kind, sign, value) {
  const [, digits, decimals, onlyDecimals, unit = ""] = NUMBER.exec(value.toLowerCase()) ?? [];
  if (digits === undefined || !Object.hasOwn(kind.units, unit)) {
    return null;
  }
  const factor = kind.units[unit] ?? 1;
  const amount = Number(digits) * factor;
  // A measured value is never exactly 12.3: what rounds to it, with as many decimals as were written, is equal.
  const slack = (0.5 / 10 ** Math.min((decimals ?? onlyDecimals ?? "").length, MOST_DECIMALS)) * factor;
  const [low, high] = [amount - slack, amount + slack];
  const order = ORDERS[sign];
  /** @type {(number: number | null) => boolean} */
  const fits = order
    ? (number) => number !== null && order(number, amount)
    : (number) => number !== null && low <= number && number < high;
  if (key === "age") {
    return ({ started }, now) => started !== null && fits(Math.max(0, now - started));
  }
  return (row) => fits(valueOf(row, key) ?? null);
}

/**
 * What a row has of a field; undefined for what is read on demand and was not asked for.
 * @param {Row} row
 * @param {string} key
 */
export function valueOf(row, key) {
  return /** @type {Record<string, any>} */ (/** @type {unknown} */ (row))[key];
}
