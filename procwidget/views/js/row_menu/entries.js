/**
 * What the menu of a row offers. To add something, add an entry to the list: `label` is null where it makes no sense for
 * a row, `act` gets the row and the deeds that the table can do. Entries of one `group` stand together, in the order of
 * the list.
 */

import { isKernel } from "../rows/kernels.js";
import { neverSignalled } from "../rows/never.js";
import { SEARCH_COLUMNS, valueOf } from "../search/comparison.js";
import { comparisonFor } from "../search/quoting.js";
import { KERNEL_DEEDS, SIGNALS } from "../signals/words.js";

/** @import { Never } from "../rows/never.js" */
/** @import { Row } from "../types.js" */

/**
 * @typedef {object} Deeds what the table can do, and what the menu has to know
 * @property {(row: Row) => void} open
 * @property {(row: Row) => void} follow
 * @property {(row: Row) => void} pin
 * @property {(text: string) => void} filter
 * @property {(text: string, what: string) => void} copy `what` is what it is called in the sentence about it
 * @property {(row: Row) => string} textOf a row as the table shows it
 * @property {(row: Row, signal: string) => void} signal gets a key of SIGNALS or KERNEL_DEEDS
 * @property {import("../signals/system.js").System} [system] what signals do on the kernel's operating system
 * @property {(row: Row) => boolean} followed
 * @property {(row: Row) => boolean} pinned
 * @property {(row: Row) => { label: string, act: () => void }} [tell] the entry that has the end of a process told
 * @property {boolean} actions whether processes can be signalled here
 * @property {(row: Row) => boolean | null} [stillRuns] of a process in a past moment, null in the present
 * @property {(row: Row) => void} [now] goes to a process in the present
 * @property {Never | null} [never]
 */

/**
 * @typedef {object} Entry
 * @property {string} group
 * @property {(row: Row, on: Deeds) => string | null} label
 * @property {((row: Row, on: Deeds) => void) | null} act null for what is only read
 */

/** What one can filter to, in the order of the menu; what a row does not have is left out. */
const FILTERED = ["name", "user", "unit", "container", "notebook"];

/** @param {Row} row */
const one = ({ group }) => group === null;

/** @param {Row} row */
function living({ group, ended }) {
  return group ? group.some((member) => !member.ended) : !ended;
}

/**
 * Whether something may be done with it: nothing is from the past by accident.
 * @param {Row} row
 * @param {Deeds} on
 */
function inPresent(row, { stillRuns }) {
  return living(row) && (stillRuns?.(row) ?? null) === null;
}

/**
 * The pids of a row, of a group those that live.
 * @param {Row} row
 */
function pidsOf(row) {
  return (row.group ?? [row]).filter(({ ended }) => !ended || !row.group).map(({ pid }) => pid);
}

/**
 * @param {Row} row
 * @param {string} key
 */
function textIn(row, key) {
  const value = valueOf(row, key);
  return SEARCH_COLUMNS.some(({ names }) => names[0] === key) && typeof value === "string" && value !== ""
    ? value
    : null;
}

/**
 * @param {string} key
 * @returns {Entry}
 */
function filterEntry(key) {
  return {
    group: "filter",
    label: (row) => {
      const value = row.group && key === "name" && !row.user ? null : textIn(row, key);
      return value === null ? null : `Filter to ${key} ${value}`;
    },
    act: (row, on) => on.filter(comparisonFor(key, textIn(row, key) ?? "")),
  };
}

/** @type {Entry[]} */
export const ENTRIES = [
  { group: "look", label: (row) => (one(row) ? "Details" : null), act: (row, on) => on.open(row) },
  {
    group: "look",
    label: (row, on) => (one(row) && living(row) ? (on.followed(row) ? "Stop following" : "Follow") : null),
    act: (row, on) => on.follow(row),
  },
  {
    group: "look",
    label: (row, on) => (one(row) && living(row) ? (on.pinned(row) ? "Unpin" : "Pin to the top") : null),
    act: (row, on) => on.pin(row),
  },
  {
    group: "look",
    label: (row, on) => (one(row) && on.stillRuns?.(row) ? "Still runs: go to it now" : null),
    act: (row, on) => on.now?.(row),
  },
  ...FILTERED.map(filterEntry),
  {
    group: "look",
    label: (row, on) => (inPresent(row, on) && !row.group ? (on.tell?.(row).label ?? null) : null),
    act: (row, on) => on.tell?.(row).act(),
  },
  {
    group: "copy",
    label: (row) => (one(row) ? "Copy PID" : "Copy PIDs"),
    act: (row, on) => on.copy(pidsOf(row).join(" "), one(row) ? "the PID" : "the PIDs"),
  },
  {
    group: "copy",
    label: ({ command }) => (command ? "Copy command" : null),
    act: ({ command }, on) => on.copy(command ?? "", "the command"),
  },
  { group: "copy", label: () => "Copy row", act: (row, on) => on.copy(on.textOf(row), "the row") },
  {
    group: "signals",
    label: (row, on) => (on.actions && inPresent(row, on) ? (neverSignalled(row, on.never)?.[1] ?? null) : null),
    act: null,
  },
  ...Object.entries(KERNEL_DEEDS).map(
    /** @returns {Entry} */ ([deed, { verb }]) => ({
      group: "kernel",
      // Where it is, is known of one's own kernels alone.
      label: (row, on) =>
        on.actions &&
        one(row) &&
        inPresent(row, on) &&
        isKernel(row) &&
        row.notebook_path &&
        !neverSignalled(row, on.never)
          ? `${verb.replace(/ of$/, "")}…`
          : null,
      act: (row, on) => on.signal(row, deed),
    }),
  ),
  ...Object.entries(SIGNALS).map(
    /** @returns {Entry} */ ([signal, { verb }]) => ({
      group: "signals",
      label: (row, on) =>
        on.actions &&
        inPresent(row, on) &&
        !Object.hasOwn(on.system?.lacking ?? {}, signal) &&
        !neverSignalled(row, on.never)
          ? `${verb.replace(/ (of|to)$/, "")}…`
          : null,
      act: (row, on) => on.signal(row, signal),
    }),
  ),
];

/**
 * The entries that make sense for a row, group by group.
 * @param {Row} row
 * @param {Deeds} on
 * @param {Entry[]} [entries]
 * @returns {{ label: string, act: (() => void) | null }[][]}
 */
export function itemsFor(row, on, entries = ENTRIES) {
  /** @type {Map<string, { label: string, act: (() => void) | null }[]>} */
  const groups = new Map();
  for (const { group, label, act } of entries) {
    const text = label(row, on);
    if (text !== null) {
      const item = { label: text, act: act && (() => act(row, on)) };
      groups.set(group, [...(groups.get(group) ?? []), item]);
    }
  }
  return [...groups.values()];
}
