/** Fields in the panel of details that take more than a number: limits, what is waited for, how often it gave way. Pure. */

import { bytes, figure, UNKNOWN } from "../ui/format.js";

/** @import { Limit, ProcessDetails } from "../connection/answers.js" */

/** @type {[key: string, label: string, say: (details: ProcessDetails) => string][]} */
export const MORE_TEXTS = [
  ["waits_for", "Waits for", ({ waits_for: what }) => what ?? UNKNOWN],
  ["io_priority", "I/O priority", ({ io_priority: priority }) => priority ?? UNKNOWN],
  ["gave_way", "Gave way", (details) => switches(details)],
  ["control_group", "Control group", ({ control_group: group }) => group ?? UNKNOWN],
  ["limits", "Limits", ({ limits }) => limitsText(limits ?? null)],
];

/** Those of them that take a line of their own. */
export const WIDE_TEXTS = ["control_group", "limits"];

/**
 * How many files are open, and how many may be.
 * @param {ProcessDetails} details
 */
export function openFiles({ open_files: count, limits }) {
  const most = limits?.find(({ name }) => name === "open files")?.soft ?? null;
  return count !== null && most !== null ? `${figure(count)} of at most ${figure(most)}` : figure(count);
}

/** @param {ProcessDetails} details */
function switches({ gave_way: own = null, had_to_give_way: forced = null }) {
  return own === null || forced === null
    ? UNKNOWN
    : `${figure(own)} times to wait, ${figure(forced)} times to let others run`;
}

/**
 * The limits that there are; what is unlimited is left out.
 * @param {Limit[] | null} limits
 */
function limitsText(limits) {
  if (limits === null) {
    return UNKNOWN;
  }
  const texts = limits.flatMap((limit) => {
    const { name, soft, hard } = limit;
    if (soft === null) {
      return [];
    }
    const raised = hard === soft ? "" : ` (may be raised to ${hard === null ? "any" : amount(limit, hard)})`;
    return [`${name} ${amount(limit, soft)}${raised}`];
  });
  return texts.length > 0 ? texts.join(", ") : "none";
}

/**
 * @param {Limit} limit
 * @param {number} value
 */
function amount({ unit }, value) {
  return unit === "bytes" ? bytes(value) : unit === "seconds" ? `${figure(value)} s` : figure(value);
}
