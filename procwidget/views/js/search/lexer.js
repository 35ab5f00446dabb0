/**
 * Cuts the text of a search into tokens: parentheses, keywords, and terms, which are words and comparisons.
 * docs/search.md defines them; positions count UTF-16 code units here. Pure.
 *
 * Mistakes in a single term are found here: an unclosed quote, an unknown column, a missing or wrong value, an operator
 * that the column does not take, no regular expression. Mistakes in how terms stand together are found in query.js.
 */

import {
  canHaveUnit,
  columnOf,
  compare,
  comparePattern,
  fold,
  isNumeric,
  SEPARATOR,
  similarName,
  takesOperator,
} from "./comparison.js";
import { finds, LOOKUPS } from "./lookups.js";

/** @import { Predicate, SearchColumn } from "./comparison.js" */
/** @import { Lookup } from "./lookups.js" */

/**
 * @typedef {object} Token
 * @property {string} kind "(", ")", "and", "or", "not" or "term"
 * @property {number} start
 * @property {number} end
 * @property {Predicate} [predicate] of a term
 * @property {Highlight[]} [highlights] of a term, what to highlight
 * @property {string} [key] of the field that a comparison is about
 * @property {Lookup} [lookup] what is to be looked up before rows are matched
 */

/** @typedef {{ column: string, wanted: string }} Highlight folded text in a column */

/** @typedef {{ start: number, end: number, value: string }} Piece of the text; its value is without its quotes */

const SPACE = " \\t\\n\\v\\f\\r\\u00a0\\u3000";
const SPACES = new RegExp(`[${SPACE}]*`, "y");
const BARE = new RegExp(`[^${SPACE}()]+`, "y");
const OPERATOR = /!=|!~|>=|<=|==|=|>|<|~/y;
const COLON = /:/y;
/** After these a colon is as good as `~`. */
const WITH_COLON = new Set(["notebook"]);
const NAME = new RegExp(`(?![0-9])(?:[A-Za-z0-9_]|[^\\x00-\\x7f${SPACE}])+`, "y");
const LOOKUP = new RegExp(`(?:${Object.keys(LOOKUPS).join("|")}):`, "iy");
const PATTERN = new RegExp(`/(?:[^/\\\\]|\\\\[^])+/(?=[${SPACE})]|$)`, "y");
const PID = /^[0-9]+$/;
const KEYWORDS = new Set(["and", "or", "not"]);
const MOST_SHOWN = 30;

/** A mistake in a search: message, and the half-open range [start, end) of the wrong text. */
export class Mistake extends Error {
  /**
   * @param {string} text
   * @param {number} start
   * @param {number} end
   */
  constructor(text, start, end) {
    super(text);
    this.start = start;
    this.end = end;
  }
}

/**
 * @param {string} text
 * @returns {Token[]}
 * @throws {Mistake}
 */
export function tokenize(text) {
  /** @type {Token[]} */
  const tokens = [];
  let place = skipSpaces(text, 0);
  while (place < text.length) {
    const token = tokenAt(text, place);
    tokens.push(token);
    place = skipSpaces(text, token.end);
  }
  return tokens;
}

/** @param {string} word */
export function isKeyword(word) {
  return KEYWORDS.has(word.toLowerCase());
}

/**
 * What a sticky pattern matches at a position.
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} place
 * @returns {Piece | null}
 */
function at(pattern, text, place) {
  pattern.lastIndex = place;
  const value = pattern.exec(text)?.[0];
  return value === undefined ? null : { start: place, end: place + value.length, value };
}

/**
 * @param {string} text
 * @param {number} place
 */
function skipSpaces(text, place) {
  return at(SPACES, text, place)?.end ?? place;
}

/**
 * @param {string} text
 * @param {number} place
 * @returns {Token}
 */
function tokenAt(text, place) {
  const first = text.charAt(place);
  if (first === "(" || first === ")") {
    return { kind: first, start: place, end: place + 1 };
  }
  if (first === '"' || first === "'") {
    const quoted = quotedAt(text, place);
    return word(quoted, quoted.value);
  }
  const kind = at(LOOKUP, text, place);
  if (kind) {
    return lookup(text, kind);
  }
  const operator = at(OPERATOR, text, place);
  if (operator) {
    const { value, start, end } = operator;
    throw new Mistake(`A column's name is missing before '${value}'; ${advice(value)}`, start, end);
  }
  const head = headAt(text, place);
  if (head) {
    return comparison(text, head.name, head.operator);
  }
  const bare = bareAt(text, place);
  const byPid = pidAt(text, bare);
  if (byPid) {
    return byPid;
  }
  if (isKeyword(bare.value)) {
    return { kind: bare.value.toLowerCase(), start: bare.start, end: bare.end };
  }
  return word(bare, bare.value);
}

/**
 * @param {string} text
 * @param {Piece} typed the kind of the lookup with its colon
 * @returns {Token}
 */
function lookup(text, typed) {
  const kind = /** @type {keyof typeof LOOKUPS} */ (typed.value.slice(0, -1).toLowerCase());
  const value = valueAt(text, typed.end);
  if (value === null) {
    throw new Mistake(`A value is missing after '${typed.value}'.`, typed.start, typed.end);
  }
  const { read, takes } = LOOKUPS[kind];
  const meant = read(value.value);
  if (meant === null) {
    throw new Mistake(`${typed.value} takes ${takes}, not '${shown(value.value)}'.`, value.start, value.end);
  }
  /** @type {Lookup} */
  const made = { kind, value: meant, found: null };
  return { kind: "term", start: typed.start, end: value.end, predicate: (row) => finds(made, row), lookup: made };
}

/**
 * The column name and the operator of a comparison that starts at a position, null if none does.
 * @param {string} text
 * @param {number} place
 */
function headAt(text, place) {
  const name = at(NAME, text, place);
  const colon = name && WITH_COLON.has(name.value.toLowerCase()) ? at(COLON, text, name.end) : null;
  const operator = colon ?? (name && at(OPERATOR, text, skipSpaces(text, name.end)));
  if (!name || !operator || (isKeyword(name.value) && operator.start > name.end)) {
    return null;
  }
  return { name, operator };
}

/**
 * @param {string} text
 * @param {Piece} name
 * @param {Piece} operator
 * @returns {Token}
 */
function comparison(text, name, operator) {
  const column = columnOf(name.value);
  const typed = operator.value;
  if (column === null) {
    const word = name.value.toLowerCase();
    const meant = Object.hasOwn(LOOKUPS, word) ? `${word}:` : similarName(name.value);
    const more = meant ? `did you mean ${meant}?` : advice(typed);
    throw new Mistake(`There is no column '${shown(name.value)}'; ${more}`, name.start, name.end);
  }
  const sign = typed === "==" ? "=" : typed === ":" ? "~" : typed;
  const pattern = isNumeric(column) || !sign.endsWith("~") ? null : at(PATTERN, text, skipSpaces(text, operator.end));
  if (pattern) {
    return patternTerm(column, sign, name, pattern);
  }
  const value = withUnit(text, column, valueAt(text, operator.end));
  if (value === null) {
    throw new Mistake(`A value is missing after '${name.value}${typed}'.`, name.start, operator.end);
  }
  if (!takesOperator(column, sign)) {
    const right = isNumeric(column) ? "a number: use =, !=, >, >=, < or <=" : "text: use =, !=, ~ or !~";
    throw new Mistake(`${name.value} is ${right}, not '${typed}'.`, operator.start, operator.end);
  }
  const predicate = compare(column, sign, value.value);
  if (predicate === null) {
    const sentence = `${name.value} takes ${column.field.kind.takes}, not '${shown(value.value)}'.`;
    throw new Mistake(sentence, value.start, value.end);
  }
  const found = !isNumeric(column) && (sign === "=" || sign === "~");
  const highlights = found ? [{ column: column.names[0] ?? "", wanted: fold(value.value) }] : [];
  return { kind: "term", start: name.start, end: value.end, predicate, highlights, key: column.field.key };
}

/**
 * The term of a regular expression, which stands between slashes.
 * @param {SearchColumn} column
 * @param {string} sign
 * @param {Piece} name
 * @param {Piece} pattern
 * @returns {Token}
 */
function patternTerm(column, sign, name, { value, start, end }) {
  const predicate = comparePattern(column, sign, value.slice(1, -1));
  if (predicate === null) {
    throw new Mistake(`'${shown(value)}' is no regular expression that a search can have.`, start, end);
  }
  return { kind: "term", start: name.start, end, predicate, highlights: [], key: column.field.key };
}

/**
 * A value together with the unit that stands after it: `50 %`.
 * @param {string} text
 * @param {SearchColumn} column
 * @param {Piece | null} value
 */
function withUnit(text, column, value) {
  if (value === null || text.charAt(value.start) !== value.value.charAt(0)) {
    return value;
  }
  const unit = bareAt(text, skipSpaces(text, value.end));
  return unit.start > value.end && canHaveUnit(column, value.value, unit.value)
    ? { start: value.start, end: unit.end, value: value.value + unit.value }
    : value;
}

/**
 * The term `pid 1`, which needs no operator; null where the word is none of that.
 * @param {string} text
 * @param {Piece} word
 * @returns {Token | null}
 */
function pidAt(text, { start, end, value }) {
  const column = value.toLowerCase() === "pid" ? columnOf(value) : null;
  const number = bareAt(text, skipSpaces(text, end));
  const predicate = column && number.start > end && PID.test(number.value) ? compare(column, "=", number.value) : null;
  return predicate && { kind: "term", start, end: number.end, predicate, highlights: [], key: "pid" };
}

/**
 * The value after an operator; null when the next term follows instead.
 * @param {string} text
 * @param {number} place
 */
function valueAt(text, place) {
  const start = skipSpaces(text, place);
  const first = text.charAt(start);
  if (first === "" || first === "(" || first === ")") {
    return null;
  }
  if (first === '"' || first === "'") {
    return quotedAt(text, start);
  }
  const bare = bareAt(text, start);
  return start > place && (isKeyword(bare.value) || headAt(text, start)) ? null : bare;
}

/**
 * @param {string} text
 * @param {number} place
 * @returns {Piece}
 */
function quotedAt(text, place) {
  const end = text.indexOf(text.charAt(place), place + 1);
  if (end < 0) {
    throw new Mistake("This quote is not closed.", place, text.length);
  }
  return { start: place, end: end + 1, value: text.slice(place + 1, end) };
}

/**
 * @param {string} text
 * @param {number} place
 * @returns {Piece}
 */
function bareAt(text, place) {
  return at(BARE, text, place) ?? { start: place, end: place, value: "" };
}

/**
 * @param {Piece} piece
 * @param {string} value
 * @returns {Token}
 */
function word({ start, end }, value) {
  const wanted = fold(value);
  /** @type {Predicate} */
  const predicate = wanted.includes(SEPARATOR) ? () => false : (row) => row.words.includes(wanted);
  const highlights = ["name", "command", "user", "pid"].map((column) => ({ column, wanted }));
  return { kind: "term", start, end, predicate, highlights };
}

/** @param {string} operator */
function advice(operator) {
  return `to look for text with '${operator}' in it, put it in quotes.`;
}

/** @param {string} text */
function shown(text) {
  const letters = [...text];
  return letters.length <= MOST_SHOWN ? text : `${letters.slice(0, MOST_SHOWN - 1).join("")}…`;
}
