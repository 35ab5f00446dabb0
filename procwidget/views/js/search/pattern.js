/**
 * Regular expressions of the search: the part of them that browsers and Python read alike, checked and rewritten for
 * folded text. What could take for ever is none: a repeated group has no repeats and no choices in it. docs/search.md
 * says what is known, and Python has the same rules (procwidget/pattern.py). Pure.
 */

import { fold } from "./folding.js";

const [LONGEST, DEEPEST, MOST_TIMES] = [200, 10, 1000];

/** @type {Record<string, string>} */
const SETS = { d: "0-9", w: "a-z0-9_", s: " \\t\\n\\r\\f\\v" };
const SPECIAL = new Set("\\^$.*+?()[]{}|/");
const TIMES = /^\{([0-9]{1,4})(,([0-9]{0,4}))?\}/;

class Wrong extends Error {}

/**
 * The pattern that finds `source` in folded text; null when it is none.
 * @param {string} source
 * @returns {RegExp | null}
 */
export function compilePattern(source) {
  const letters = [...source];
  if (letters.length === 0 || letters.length > LONGEST) {
    return null;
  }
  const reader = new Reader(letters);
  try {
    const { text } = reader.choices(0);
    return reader.at < letters.length ? null : new RegExp(text, "u");
  } catch (error) {
    if (error instanceof Wrong) {
      return null;
    }
    throw error;
  }
}

/** @typedef {{ text: string, wild: boolean }} Read `wild` is whether a repeat of it could take for ever */

/** Reads a source from left to right and writes it anew. */
class Reader {
  /** @param {string[]} source */
  constructor(source) {
    this.source = source;
    this.at = 0;
  }

  #peek() {
    return this.source[this.at] ?? "";
  }

  #take() {
    const letter = this.#peek();
    if (letter === "") {
      throw new Wrong();
    }
    this.at++;
    return letter;
  }

  /**
   * Read up to a closing parenthesis or the end.
   * @param {number} depth
   * @returns {Read}
   */
  choices(depth) {
    if (depth > DEEPEST) {
      throw new Wrong();
    }
    let { text, wild } = this.#sequence(depth);
    while (this.#peek() === "|") {
      this.#take();
      text += `|${this.#sequence(depth).text}`;
      wild = true;
    }
    return { text, wild };
  }

  /**
   * @param {number} depth
   * @returns {Read}
   */
  #sequence(depth) {
    let text = "";
    let wild = false;
    while (!["", "|", ")"].includes(this.#peek())) {
      const { text: piece, repeats, wild: within } = this.#piece(depth);
      text += piece;
      const times = this.#times();
      if (times !== null) {
        if (!repeats || (within && times !== "?")) {
          throw new Wrong();
        }
        text += times + (this.#peek() === "?" ? this.#take() : "");
      }
      wild ||= within || times !== null;
    }
    return { text, wild };
  }

  /**
   * @param {number} depth
   * @returns {Read & { repeats: boolean }} `repeats` is whether it can be repeated
   */
  #piece(depth) {
    const letter = this.#take();
    const once = (/** @type {string} */ text, repeats = true) => ({ text, repeats, wild: false });
    if (letter === "(") {
      if (this.source[this.at] === "?" && this.source[this.at + 1] === ":") {
        this.at += 2;
      }
      const { text, wild } = this.choices(depth + 1);
      if (this.#take() !== ")") {
        throw new Wrong();
      }
      return { text: `(?:${text})`, repeats: true, wild };
    }
    if (letter === "[") {
      return once(this.#set());
    }
    if (letter === ".") {
      return once("[^\\n]");
    }
    if (letter === "^" || letter === "$") {
      return once(letter, false);
    }
    if (letter === "\\") {
      return this.#escape();
    }
    if ("*+?{".includes(letter)) {
      throw new Wrong();
    }
    return once(literal(letter));
  }

  #escape() {
    const letter = this.#take();
    const low = letter.toLowerCase();
    if (Object.hasOwn(SETS, low)) {
      return { text: `[${letter === low ? "" : "^"}${SETS[low]}]`, repeats: true, wild: false };
    }
    if (letter === "b" || letter === "B") {
      return { text: `\\${letter}`, repeats: false, wild: false };
    }
    return { text: literal(plain(letter)), repeats: true, wild: false };
  }

  #set() {
    let text = "[";
    if (this.#peek() === "^") {
      text += this.#take();
    }
    const begun = text.length;
    while (this.#peek() !== "]") {
      const first = this.#member();
      if ([...first].length > 1) {
        text += first;
        continue;
      }
      text += memberLiteral(first);
      const next = this.source[this.at + 1] ?? "";
      if (this.#peek() === "-" && next !== "" && next !== "]") {
        this.#take();
        const last = this.#member();
        if ([...last].length > 1 || (first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0)) {
          throw new Wrong();
        }
        text += `-${memberLiteral(last)}`;
      }
    }
    this.#take();
    if (text.length === begun) {
      throw new Wrong();
    }
    return `${text}]`;
  }

  /** A folded letter of a set, or more than one letter: a set in it. */
  #member() {
    let letter = this.#take();
    if (letter === "\\") {
      letter = this.#take();
      if (Object.hasOwn(SETS, letter)) {
        return SETS[letter] ?? "";
      }
      letter = plain(letter);
    }
    const folded = fold(letter);
    return [...folded].length === 1 ? folded : letter;
  }

  #times() {
    const letter = this.#peek();
    if (letter !== "" && "*+?".includes(letter)) {
      return this.#take();
    }
    if (letter !== "{") {
      return null;
    }
    const found = TIMES.exec(this.source.slice(this.at, this.at + 12).join(""));
    if (found === null) {
      throw new Wrong();
    }
    const least = Number(found[1]);
    const most = found[3] ? Number(found[3]) : null;
    if (least > MOST_TIMES || (most !== null && (most < least || most > MOST_TIMES))) {
      throw new Wrong();
    }
    this.at += found[0].length;
    return found[0];
  }
}

/** @param {string} letter */
function plain(letter) {
  // Letters and digits after a backslash mean something, and not the same everywhere.
  if (/^[A-Za-z0-9]$/.test(letter)) {
    throw new Wrong();
  }
  return letter;
}

/** @param {string} letter */
function literal(letter) {
  const folded = [...fold(letter)].map((one) => (SPECIAL.has(one) ? `\\${one}` : one)).join("");
  return [...folded].length <= 2 ? folded : `(?:${folded})`;
}

/** @param {string} letter */
function memberLiteral(letter) {
  return "\\]^-[".includes(letter) ? `\\${letter}` : letter;
}
