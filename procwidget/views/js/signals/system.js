/**
 * What signals do on the kernel's operating system, where that is not what their names say: on Windows some cannot be
 * sent, and "End" ends a process at once. procwidget/actions/system_limits.py decides it. Pure.
 */

import { SIGNALS, wordsFor } from "./words.js";

/**
 * @typedef {object} System
 * @property {Record<string, string>} lacking by signal, why it cannot be sent
 * @property {Record<string, string>} meanings by signal, what it does there
 * @property {string} [host] what it is called, where it is another host's
 */

/** A system with all signals. @type {System} */
const USUAL = { lacking: {}, meanings: {} };

/**
 * The signals that can be sent, with their words.
 * @param {System} [system]
 */
export function offered({ lacking } = USUAL) {
  return Object.entries(SIGNALS).filter(([signal]) => !Object.hasOwn(lacking, signal));
}

/**
 * Why the others are not offered, in sentences; empty where all are.
 * @param {System} [system]
 */
export function whyLess({ lacking } = USUAL) {
  return Object.values(lacking).join(" ");
}

/**
 * What a signal does, in a sentence or two.
 * @param {string} signal a key of SIGNALS, or "renice N"
 * @param {System} [system]
 */
export function meaningOf(signal, { meanings } = USUAL) {
  return meanings[signal] ?? wordsFor(signal).meaning;
}
