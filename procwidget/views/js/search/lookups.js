/**
 * Finds out, for the terms `port:8888` and `file:data.csv` of a search, which processes they mean: the kernel is asked
 * when they are typed, and every few seconds while the search stands. Says below the search box what is not known.
 */

import { holders } from "../connection/protocol.js";
import { element, setText } from "../ui/dom.js";
import { unknownThen } from "./known_then.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer } from "../connection/answers.js" */
/** @import { Row } from "../types.js" */
/** @import { Query } from "./query.js" */

/**
 * @typedef {object} Lookup a term that no row can answer
 * @property {string} kind "port" or "file"
 * @property {string} value
 * @property {Set<string> | null} found the identities of those it means, null until that is known
 */

/** Milliseconds after which the kernel is asked again. */
const AGAIN = 5000;

/** Milliseconds without a key after which it is asked for what was typed. */
const QUIET = 300;

/** How many a request has; a search with more of them has the rest unanswered. */
const MOST = 8;

const LARGEST_PORT = 65535;

/** What makes a value of what was typed, null of what is none, and what is right, by the word before the colon. */
export const LOOKUPS = {
  port: {
    read: (/** @type {string} */ typed) => {
      const number = /^[0-9]{1,5}$/.test(typed) ? Number(typed) : 0;
      return number > 0 && number <= LARGEST_PORT ? String(number) : null;
    },
    takes: "a number from 1 to 65535",
    hint: "has this port, such as port:8888",
  },
  file: {
    read: (/** @type {string} */ typed) => typed || null,
    takes: "a part of a file's path",
    hint: "has a file open, such as file:data.csv",
  },
};

/** @param {Lookup} lookup @param {Row} row */
export function finds({ found }, { identity }) {
  return found?.has(identity) ?? false;
}

export class Lookups {
  /**
   * @param {Pick<Link, "request">} link
   * @param {() => void} found called when the answer has come
   * @param {() => number} [now] milliseconds
   */
  constructor(link, found, now = () => performance.now()) {
    this.link = link;
    this.found = found;
    this.now = now;
    this.element = element("div", { class: "pw-looked-up", role: "status", "aria-label": "About the search" });
    /** What was found, by kind and value. @type {Map<string, Set<string>>} */
    this.known = new Map();
    /** @type {Lookup[]} */
    this.lookups = [];
    /** What was asked last; null for what is to be asked anew. @type {string | null} */
    this.keys = "";
    this.asked = -Infinity;
    this.waiting = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  remove() {
    clearTimeout(this.timer);
    this.lookups = [];
  }

  /**
   * Fill in what is known of a search's lookups, and ask for what is not, or is not new any more.
   * @param {Pick<Query, "lookups" | "keys">} query
   * @param {Iterable<Row> | null} [past] the rows of the past moment that is shown, about which nothing can be asked
   */
  follow(query, past = null) {
    const { lookups } = query;
    if (past !== null) {
      this.remove();
      this.keys = null;
      lookups.forEach((lookup) => (lookup.found = null));
      setText(this.element, unknownThen(query, past));
      return;
    }
    this.lookups = lookups.slice(0, MOST);
    const keys = this.lookups.map(keyOf).join("\n");
    lookups.forEach((lookup) => (lookup.found = this.known.get(keyOf(lookup)) ?? null));
    if (keys !== this.keys) {
      this.keys = keys;
      this.asked = -Infinity;
      setText(this.element, keys ? "Looking into processes…" : "");
      clearTimeout(this.timer);
      this.timer = keys ? setTimeout(() => this.#ask(), QUIET) : undefined;
    } else if (keys && this.asked > -Infinity && this.now() - this.asked >= AGAIN) {
      this.#ask();
    }
  }

  #ask() {
    if (this.waiting) {
      return;
    }
    const { keys } = this;
    const asked = this.lookups.map(({ kind, value }) => ({ kind, value }));
    this.asked = this.now();
    this.waiting = true;
    this.link.request(holders(asked), (answer) => {
      this.waiting = false;
      if (this.keys === keys) {
        this.#take(asked, answer);
      } else if (this.lookups.length > 0) {
        this.#ask();
      }
    });
  }

  /**
   * @param {{ kind: string, value: string }[]} asked
   * @param {Answer} answer
   */
  #take(asked, answer) {
    if (answer.result === "refused") {
      setText(this.element, answer.refusals.join(" "));
    } else if (answer.result === "holders") {
      // Nothing older is worth keeping: it would be shown for a moment as if it were of now.
      this.known = new Map(asked.map((one, at) => [keyOf(one), new Set(answer.found[at] ?? [])]));
      setText(this.element, answer.note ?? "");
      this.found();
    }
  }
}

/** @param {{ kind: string, value: string }} lookup */
function keyOf({ kind, value }) {
  return `${kind}:${value}`;
}
