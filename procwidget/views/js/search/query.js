/**
 * Parses a search into a query, which says of a row whether it matches and what to highlight in it. docs/search.md is
 * the reference; Python has the same language, and tests/query_cases.json holds both to it. Pure.
 *
 * Mistakes in how terms stand together are found here: a missing parenthesis or term, too much nesting. Mistakes in a
 * single term are found in lexer.js.
 */

import { Mistake, tokenize } from "./lexer.js";

/** @import { Row } from "../types.js" */
/** @import { Predicate } from "./comparison.js" */
/** @import { Highlight, Token } from "./lexer.js" */
/** @import { Lookup } from "./lookups.js" */

export { Mistake };

/** @typedef {Record<string, string[]>} Highlights folded texts to mark, by column */

/**
 * @typedef {object} Query
 * @property {boolean} all whether every row matches because nothing was asked
 * @property {Predicate} matches
 * @property {Highlights} highlights
 * @property {string[]} keys of the fields that are compared
 * @property {Lookup[]} lookups what is to be looked up before rows are matched
 */

/**
 * @typedef {object} Filter a query at a moment: ages count up to it
 * @property {boolean} all whether every row matches because nothing was asked
 * @property {(row: Row) => boolean} matches
 */

const DEEPEST = 50;

/**
 * @param {string} text
 * @returns {Query}
 * @throws {Mistake}
 */
export function parse(text) {
  const tokens = tokenize(text);
  if (tokens.length === 0) {
    return { all: true, matches: () => true, highlights: {}, keys: [], lookups: [] };
  }
  const parser = new Parser(text, tokens);
  const matches = parser.parse();
  const keys = tokens.flatMap(({ key }) => (key ? [key] : []));
  const lookups = tokens.flatMap((token) => token.lookup ?? []);
  return { all: false, matches, highlights: parser.highlights, keys, lookups };
}

/**
 * @param {Query} query
 * @param {number} now Unix seconds
 * @returns {Filter}
 */
export function filterOf(query, now) {
  return { all: query.all, matches: (row) => query.matches(row, now) };
}

/** Turns tokens into one predicate: `or` binds least, then `and` or nothing between two terms, then `not`. */
class Parser {
  /**
   * @param {string} text
   * @param {Token[]} tokens
   */
  constructor(text, tokens) {
    this.text = text;
    this.tokens = tokens;
    this.next = 0;
    this.depth = 0;
    /** Whether the current part is not negated: only such parts are highlighted. */
    this.wanted = true;
    /** @type {Highlights} */
    this.highlights = {};
  }

  /** @returns {Predicate} */
  parse() {
    const predicate = this.#any();
    const extra = this.#peek();
    if (extra) {
      throw unmatched(extra);
    }
    return predicate;
  }

  /**
   * The next token if there is one, of one of these kinds if any are given.
   * @param {...string} kinds
   */
  #peek(...kinds) {
    const token = this.tokens[this.next];
    return token && (kinds.length === 0 || kinds.includes(token.kind)) ? token : null;
  }

  /** @returns {Predicate} */
  #any() {
    const choices = [this.#all()];
    while (this.#peek("or")) {
      this.next++;
      choices.push(this.#all());
    }
    const [only] = choices;
    return choices.length === 1 && only ? only : (row, now) => choices.some((choice) => choice(row, now));
  }

  /** @returns {Predicate} */
  #all() {
    const terms = [this.#not()];
    for (let token = this.#peek("and", "not", "(", "term"); token; token = this.#peek("and", "not", "(", "term")) {
      this.next += token.kind === "and" ? 1 : 0;
      terms.push(this.#not());
    }
    const [only] = terms;
    return terms.length === 1 && only ? only : (row, now) => terms.every((term) => term(row, now));
  }

  /** @returns {Predicate} */
  #not() {
    const { depth, wanted } = this;
    for (let token = this.#peek("not"); token; token = this.#peek("not")) {
      this.#goDeeper(token);
      this.wanted = !this.wanted;
    }
    const negated = this.wanted !== wanted;
    const predicate = this.#term();
    this.depth = depth;
    this.wanted = wanted;
    return negated ? (row, now) => !predicate(row, now) : predicate;
  }

  /** @returns {Predicate} */
  #term() {
    const token = this.#peek("term", "(");
    if (token === null) {
      throw this.#missing();
    }
    if (token.predicate) {
      this.next++;
      this.#mark(token.highlights ?? []);
      return token.predicate;
    }
    this.#goDeeper(token);
    const predicate = this.#any();
    if (!this.#peek(")")) {
      throw unmatched(token);
    }
    this.next++;
    this.depth--;
    return predicate;
  }

  /** @param {Highlight[]} highlights */
  #mark(highlights) {
    for (const { column, wanted } of this.wanted ? highlights : []) {
      if (wanted !== "") {
        (this.highlights[column] ??= []).push(wanted);
      }
    }
  }

  /** @param {Token} token */
  #goDeeper(token) {
    this.depth++;
    if (this.depth > DEEPEST) {
      throw new Mistake(`Parentheses and 'not' go at most ${DEEPEST} deep.`, token.start, token.end);
    }
    this.next++;
  }

  /** The mistake where a term is missing. */
  #missing() {
    const before = this.tokens[this.next - 1];
    const here = this.#peek();
    for (const [token, where] of /** @type {const} */ ([
      [before, "after"],
      [here, "before"],
    ])) {
      if (token && !"()".includes(token.kind)) {
        const typed = this.text.slice(token.start, token.end);
        return new Mistake(`Something is missing ${where} '${typed}'.`, token.start, token.end);
      }
    }
    if (before && here) {
      return new Mistake("There is nothing between these parentheses.", before.start, here.end);
    }
    return unmatched(/** @type {Token} */ (before ?? here));
  }
}

/** @param {Token} parenthesis */
function unmatched({ kind, start, end }) {
  return new Mistake(`There is no '${kind === "(" ? ")" : "("}' for this '${kind}'.`, start, end);
}
