/**
 * The searches that were made last and those that the user saved, kept by this browser for this server. They are
 * proposed where the search box is empty.
 */

import { storage, storageKey } from "../ui/storage.js";

/** How many of the last ones are kept. */
export const RECENT = 8;

/** The longest text that is kept. */
const LONGEST = 300;

export class KeptSearches {
  /** @param {Storage | null} [kept] */
  constructor(kept = storage()) {
    this.kept = kept;
    this.key = storageKey("searches");
    /** @type {{ saved: string[], recent: string[] }} */
    this.searches = this.#read();
  }

  /** @param {string} text */
  isSaved(text) {
    return this.searches.saved.includes(text.trim());
  }

  /**
   * Save a search, or forget that it was saved.
   * @param {string} text
   */
  toggle(text) {
    const one = text.trim();
    const { saved } = this.searches;
    this.searches.saved = this.isSaved(one) ? saved.filter((other) => other !== one) : [...saved, one];
    this.#write();
  }

  /**
   * Note a search that was made.
   * @param {string} text
   */
  note(text) {
    const one = text.trim();
    if (one !== "" && one.length <= LONGEST && this.searches.recent[0] !== one) {
      this.searches.recent = [one, ...this.searches.recent.filter((other) => other !== one)].slice(0, RECENT);
      this.#write();
    }
  }

  /** Those saved, then the last ones, each with what it is. */
  list() {
    const { saved, recent } = this.searches;
    return [
      ...saved.map((text) => ({ text, hint: "saved" })),
      ...recent.filter((text) => !saved.includes(text)).map((text) => ({ text, hint: "searched before" })),
    ];
  }

  #read() {
    const texts = (/** @type {unknown} */ list) =>
      Array.isArray(list) ? list.filter((one) => typeof one === "string" && one.length <= LONGEST) : [];
    try {
      const { saved, recent } = JSON.parse(this.kept?.getItem(this.key) ?? "{}");
      return { saved: texts(saved), recent: texts(recent).slice(0, RECENT) };
    } catch {
      return { saved: [], recent: [] };
    }
  }

  #write() {
    try {
      this.kept?.setItem(this.key, JSON.stringify(this.searches));
    } catch {
      // It is full, or may not be written.
    }
  }
}
