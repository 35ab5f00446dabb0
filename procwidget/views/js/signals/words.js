/** The words of each signal in buttons and dialogs, and sentences about outcomes. Pure. */

/** @import { Target } from "../connection/protocol.js" */

/**
 * @typedef {object} SignalWords
 * @property {string} verb "End", as in "End sleep (7)?"
 * @property {string} label its button for one process, "End process"
 * @property {string} labels the same for several
 * @property {string} meaning
 * @property {(names: string, patience: number) => string} doing the sentence while it is being done, given for how many
 *   seconds the kernel waits
 * @property {boolean} harms whether its button is red
 */

/** @type {Record<string, SignalWords>} */
export const SIGNALS = {
  SIGTERM: {
    verb: "End",
    label: "End process",
    labels: "End processes",
    meaning: "SIGTERM asks a process to end. It can save its work first; it can also ignore this.",
    doing: (names, patience) => `Ending ${names}: ${patience} ${patience === 1 ? "second" : "seconds"} to do so…`,
    harms: true,
  },
  SIGKILL: {
    verb: "Force kill",
    label: "Force kill",
    labels: "Force kill",
    meaning: "SIGKILL ends a process at once, whatever it is doing. It cannot save anything.",
    doing: (names) => `Killing ${names}…`,
    harms: true,
  },
  SIGSTOP: {
    verb: "Stop",
    label: "Stop process",
    labels: "Stop processes",
    meaning: "SIGSTOP halts a process where it is, until it is continued. It keeps its memory.",
    doing: (names) => `Stopping ${names}…`,
    harms: false,
  },
  SIGCONT: {
    verb: "Continue",
    label: "Continue process",
    labels: "Continue processes",
    meaning: "SIGCONT lets a stopped process go on.",
    doing: (names) => `Continuing ${names}…`,
    harms: false,
  },
  SIGINT: {
    verb: "Interrupt",
    label: "Interrupt process",
    labels: "Interrupt processes",
    meaning: "SIGINT is what Ctrl+C sends. Most programs end; some ask first, or ignore it.",
    doing: (names) => `Interrupting ${names}…`,
    harms: true,
  },
  renice: {
    verb: "Renice",
    label: "Renice process",
    labels: "Renice processes",
    meaning:
      "The higher the number, the more a process gives way to others: −20 to 19, usually 0. To lower it takes privileges.",
    doing: (names) => `Renicing ${names}…`,
    harms: false,
  },
};

/**
 * @param {string} signal one of those above, or "renice N"
 * @returns {SignalWords}
 */
export function wordsFor(signal) {
  return /** @type {SignalWords} */ (SIGNALS[signal.split(" ")[0] ?? ""] ?? SIGNALS["SIGTERM"]);
}

/** The most processes that a sentence names; more would not be read. */
const MOST_NAMED = 5;

/** @param {Target[]} targets */
export function listNames(targets) {
  return targets.map(({ name, pid }) => `${name} (${pid})`).join(", ");
}

/**
 * The sentence for a confirmed signal without an answer.
 * @param {string} signal one of those above, or "renice N"
 * @param {Target[]} targets
 */
export function unknownOutcome(signal, targets) {
  const rest = targets.length - MOST_NAMED;
  const who = rest > 1 ? `${listNames(targets.slice(0, MOST_NAMED))} and ${rest} others` : listNames(targets);
  const done = `${targets.length > 1 ? "were" : "was"} ${signal.startsWith("renice") ? "reniced" : "signalled"}`;
  return `It is not known whether ${who} ${done}; the audit log says.`;
}

/**
 * Join sentences, each with a full stop; a single one stays as it is.
 * @param {string[]} texts
 */
export function joinSentences(texts) {
  const [only = ""] = texts;
  return texts.length < 2 ? only : texts.map((text) => text.replace(/[^.!?]$/, "$&.")).join(" ");
}
