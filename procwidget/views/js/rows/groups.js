/**
 * Groups processes by user, name, session, container or unit. Each group is a row of its own with the totals of its processes; group
 * rows are remembered, so that a group is the same row from reading to reading.
 */

import { valueOf } from "../search/comparison.js";
import { UNKNOWN } from "../ui/format.js";
import { blankRow } from "./row.js";
import { addTotals, noTotals, ownTotals } from "./tree.js";

/** @import { Row } from "../types.js" */
/** @import { Branches } from "./tree.js" */

/** @typedef {"user" | "name" | "session" | "container" | "unit"} GroupKind */

/** What a group of those without one is called. @type {Partial<Record<GroupKind, string>>} */
const NONE = { session: "no session", container: "no container", unit: "no unit" };

/**
 * @param {Row[]} kept those that match
 * @param {Row[]} rows all of them
 * @param {GroupKind} kind
 * @param {Map<string, Row>} known the group rows there were; new ones are added
 * @returns {Branches}
 */
export function groupBranches(kept, rows, kind, known) {
  const nameOf = kind === "session" ? sessionNames(rows) : (/** @type {string} */ text) => text;
  /** @type {Branches} */
  const branches = new Map();
  for (const row of kept) {
    // What is read on demand may not have come yet.
    const value = valueOf(row, kind) ?? null;
    const identity = `${kind}:${value ?? ""}`;
    const group = known.get(identity) ?? { ...blankRow(-1 - known.size), identity };
    known.set(identity, group);
    let branch = branches.get(group);
    if (!branch) {
      group.name = value === null ? (NONE[kind] ?? UNKNOWN) : nameOf(String(value));
      branches.set(group, (branch = { children: [], totals: noTotals() }));
    }
    branch.children.push(row);
    addTotals(branch.totals, ownTotals(row));
  }
  for (const group of known.values()) {
    const { children = [], totals = noTotals() } = branches.get(group) ?? {};
    Object.assign(group, { ...totals.sums, cpu: totals.cpu, memory: totals.memory, group: children });
  }
  const all = /** @type {Row[]} */ ([...branches.keys()]);
  return branches.set(undefined, { children: all, totals: noTotals() });
}

/**
 * Sessions are named after the process that started them, if it is still there.
 * @param {Iterable<Row>} rows
 */
function sessionNames(rows) {
  /** @type {Map<string, string>} */
  const leaders = new Map();
  for (const { pid, session, name } of rows) {
    if (pid === session) {
      leaders.set(String(pid), name);
    }
  }
  return (/** @type {string} */ session) => {
    const leader = leaders.get(session);
    return leader === undefined ? `session ${session}` : `session ${session}: ${leader}`;
  };
}
