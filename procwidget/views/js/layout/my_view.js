/**
 * Keeps how a user arranged the table, and gives it back next time: with the kernel, for this user, or in a served page in
 * this browser, for this server. Only what the user changed is kept, so what Python asked for goes first where nobody chose anything else. A browser that keeps nothing,
 * as in private windows, is no reason to fail.
 */

import { storage, storageKey } from "../ui/storage.js";

/** @import { Choices } from "./saved_choices.js" */

/**
 * @typedef {Partial<Pick<Choices, "sort" | "columns" | "widths" | "ofMachine" | "kind" | "kernelThreads" | "panels"
 *   | "place" | "mine">>} View
 */

/** What is kept, and whether a value from the browser can be that. @type {Record<keyof View, (value: any) => boolean>} */
const KEPT = {
  sort: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.key === "string"),
  columns: (value) => value === null || isTexts(value),
  widths: (value) => isObject(value) && Object.values(value).every(Number.isFinite),
  ofMachine: (value) => typeof value === "boolean",
  kind: (value) => typeof value === "string",
  kernelThreads: (value) => typeof value === "boolean",
  panels: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
  place: (value) => isObject(value) && Number.isFinite(value.width) && Number.isFinite(value.height),
  mine: (value) => value === null || (isObject(value) && typeof value.kind === "string" && KEPT.sort(value.sort)),
};

const KEYS = /** @type {(keyof View)[]} */ (Object.keys(KEPT));

/** @param {any} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {any} value */
function isTexts(value) {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
}

export class MyView {
  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [kept] */
  constructor(kept = storage()) {
    this.kept = kept;
    this.key = storageKey("view");
    /** @type {View} */
    this.view = this.#read();
    /** What each choice was when it was last looked at. @type {Map<keyof View, string>} */
    this.known = new Map();
  }

  /**
   * What the user chose before, but for what Python asked for.
   * @param {(keyof View)[]} [asked]
   * @returns {View}
   */
  load(asked = []) {
    return Object.fromEntries(
      Object.entries(structuredClone(this.view)).filter(([key]) => !asked.includes(/** @type {any} */ (key))),
    );
  }

  /**
   * Keep what changed since the last time; the first time nothing did.
   * @param {View} choices
   */
  keep(choices) {
    let changed = false;
    for (const key of KEYS) {
      const now = JSON.stringify(choices[key]);
      const before = this.known.get(key);
      if (before !== undefined && before !== now) {
        Object.assign(this.view, { [key]: choices[key] });
        changed = true;
      }
      this.known.set(key, now);
    }
    if (changed) {
      this.#write(JSON.stringify(this.view));
    }
  }

  /** Forget all of it. */
  reset() {
    this.view = {};
    this.known.clear();
    this.#write(null);
  }

  /** @returns {View} */
  #read() {
    try {
      const found = JSON.parse(this.kept?.getItem(this.key) ?? "{}");
      return Object.fromEntries(
        KEYS.flatMap((key) => (key in found && KEPT[key](found[key]) ? [[key, found[key]]] : [])),
      );
    } catch {
      return {};
    }
  }

  /** @param {string | null} text */
  #write(text) {
    try {
      if (text === null) {
        this.kept?.removeItem(this.key);
      } else {
        this.kept?.setItem(this.key, text);
      }
    } catch {
      // It is full, or may not be written.
    }
  }
}
