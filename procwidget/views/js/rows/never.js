/**
 * Which processes are never signalled, and why: the kernel says so of its own and of those that run it, and of the
 * threads of Linux, which are told by their parent; and a zombie has nothing left that could take a signal. Pure.
 */

/** @import { Row } from "../types.js" */

/** @typedef {[word: string, sentence: string]} Reason */

/** @typedef {{ pids: Record<string, Reason>, kernel: Reason | null }} Never as procwidget/actions/never.py says it */

const KTHREADD = 2;

/** @type {Reason} */
const ZOMBIE = ["zombie", "It has ended already, and goes when its parent takes note of that or ends."];

/** @param {Row} row */
export function isKernelThread({ pid, ppid, command }) {
  return (pid === KTHREADD || ppid === KTHREADD) && !command;
}

/**
 * @param {Row} row a process, or a group of them
 * @param {Never | null | undefined} never
 * @returns {Reason | null}
 */
export function neverSignalled(row, never) {
  if (!never) {
    return null;
  }
  if (row.group) {
    const living = row.group.filter(({ ended }) => !ended);
    const reasons = living.map((one) => neverSignalled(one, never));
    return reasons.every((reason) => reason !== null) ? (reasons[0] ?? null) : null;
  }
  if (row.status === "zombie" && (row.threads ?? 1) < 2) {
    return ZOMBIE;
  }
  return never.pids[row.pid] ?? (never.kernel && isKernelThread(row) ? never.kernel : null);
}
