/** Sentences about one process or many: what a dialog is about, and what came of it. Pure. */

import { KERNEL_DEEDS, wordsFor } from "./words.js";

/** @import { Outcome, Target } from "../connection/answers.js" */

/** @typedef {Target & { ppid?: number | null }} Named */

/** The most processes, or names of them, that a sentence lists; more would not be read. */
const MOST_NAMED = 5;

/** @param {Target} target */
const nameOne = ({ name, pid }) => `${name} (${pid})`;

/**
 * Name processes: each by its name and pid, or how many of what there are.
 * @param {Target[]} targets
 */
export function listNames(targets) {
  return targets.length > MOST_NAMED ? nameAll(targets) : targets.map(nameOne).join(", ");
}

/**
 * Name all processes of a dialog: "sleep (7)", "64 python processes", "make (9) and its 12 descendants" or "3 processes".
 * @param {Named[]} targets
 */
export function nameAll(targets) {
  const [first] = targets;
  if (!first || targets.length === 1) {
    return first ? nameOne(first) : "no process";
  }
  const root = rootOf(targets);
  if (root) {
    const below = targets.length - 1;
    return `${nameOne(root)} and its ${below === 1 ? "descendant" : `${below} descendants`}`;
  }
  const same = targets.every(({ name }) => name === first.name);
  return `${targets.length} ${same ? `${first.name} ` : ""}processes`;
}

/**
 * The process that all others descend from, where there is one.
 * @param {Named[]} targets
 * @returns {Named | null}
 */
function rootOf(targets) {
  const pids = new Set(targets.map(({ pid }) => pid));
  const roots = targets.filter(({ ppid }) => ppid === null || ppid === undefined || !pids.has(ppid));
  return roots.length === 1 ? (roots[0] ?? null) : null;
}

/**
 * How many of each name there are, most first: "60 python, 3 sh, 1 make". Empty where one name is all.
 * @param {Target[]} targets
 */
export function countNames(targets) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name } of targets) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const rest = sorted.slice(MOST_NAMED).reduce((sum, [, count]) => sum + count, 0);
  const listed = sorted.slice(0, MOST_NAMED).map(([name, count]) => `${count} ${name}`);
  return sorted.length < 2 ? "" : [...listed, ...(rest ? [`${rest} others`] : [])].join(", ");
}

/**
 * The sentence for a confirmed signal without an answer.
 * @param {string} signal a key of SIGNALS, or with what is to be set, such as "renice 5"
 * @param {Target[]} targets
 */
export function unknownOutcome(signal, targets) {
  const rest = targets.length - MOST_NAMED;
  const who =
    rest > 1 ? `${listNames(targets.slice(0, MOST_NAMED))} and ${rest} others` : targets.map(nameOne).join(", ");
  const word = wordOf(signal);
  return `It is not known whether ${who} ${targets.length > 1 ? "were" : "was"} ${word}; the audit log says.`;
}

/** @param {string} signal */
function wordOf(signal) {
  if (signal in KERNEL_DEEDS) {
    return { "kernel-interrupt": "interrupted", "kernel-restart": "restarted" }[signal] ?? "shut down";
  }
  return signal.startsWith("SIG") ? "signalled" : signal.startsWith("renice") ? "reniced" : "changed";
}

/** What all of a batch may come to without a word about each. */
const AS_ASKED = new Set(["ended", "sent"]);

/**
 * What came of it, a sentence for each of a few; of many how many went as asked, and a sentence for each of the others.
 * @param {string} signal a key of SIGNALS, or with what is to be set
 * @param {Outcome["outcomes"]} outcomes
 * @returns {string[]}
 */
export function tellOutcomes(signal, outcomes) {
  if (outcomes.length <= MOST_NAMED) {
    return outcomes.map(({ text }) => text);
  }
  const well = outcomes.filter(({ result }) => AS_ASKED.has(result));
  const others = outcomes.filter(({ result }) => !AS_ASKED.has(result)).map(({ text }) => text);
  const more = others.length - MOST_NAMED;
  return [
    ...(well.length ? [`${wordsFor(signal).done} ${nameAll(well)}`] : []),
    ...others.slice(0, MOST_NAMED),
    ...(more > 0 ? [`Of ${more} more the list says what came of them`] : []),
  ];
}

/**
 * Join sentences, each with a full stop; a single one stays as it is.
 * @param {string[]} texts
 */
export function joinSentences(texts) {
  const [only = ""] = texts;
  return texts.length < 2 ? only : texts.map((text) => text.replace(/[^.!?]$/, "$&.")).join(" ");
}
