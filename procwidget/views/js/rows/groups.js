/**
 * Groups processes: into apps, which are programs (name and user) with their processes folded in, or by user, name,
 * notebook, container or unit. Each group is a row of its own with the totals of its processes; group rows are
 * remembered, so that a group is the same row from reading to reading. An app of one process is no group: its process
 * is shown as it is.
 */

import { valueOf } from "../search/comparison.js";
import { UNKNOWN } from "../ui/format.js";
import { blankRow, recordGroupCpu } from "./row.js";
import { addTotals, noTotals, ownTotals } from "./tree.js";

/** @import { Row } from "../types.js" */
/** @import { Branches } from "./tree.js" */

/** @typedef {"app" | "user" | "name" | "notebook" | "container" | "unit"} GroupKind */

/** What a group of those without one is called. @type {Partial<Record<GroupKind, string>>} */
const NONE = { notebook: "no notebook", container: "no container", unit: "no unit" };

/**
 * @param {Row[]} kept those that match
 * @param {GroupKind} kind
 * @param {Map<string, Row>} known the group rows there were; new ones are added
 * @returns {Branches}
 */
export function groupBranches(kept, kind, known) {
  /** @type {Map<string, Row[]>} */
  const members = new Map();
  for (const row of kept) {
    // What is read on demand may not have come yet.
    const value = kind === "app" ? `${row.name}\0${row.user ?? ""}` : (valueOf(row, kind) ?? "");
    const those = members.get(value);
    if (those) {
      those.push(row);
    } else {
      members.set(value, [row]);
    }
  }
  /** @type {Branches} */
  const branches = new Map();
  /** @type {Row[]} */
  const top = [];
  for (const [value, children] of members) {
    const totals = noTotals();
    children.forEach((row) => addTotals(totals, ownTotals(row)));
    const [first] = children;
    if (kind === "app" && totals.processes < 2) {
      top.push(...children);
      continue;
    }
    const identity = `${kind}:${value}`;
    const group = known.get(identity) ?? { ...blankRow(-1 - known.size), identity };
    known.set(identity, group);
    if (kind === "app") {
      Object.assign(group, { name: first?.name, user: first?.user });
    } else {
      group.name = value === "" ? (NONE[kind] ?? UNKNOWN) : String(value);
      if (kind === "notebook") {
        Object.assign(group, { notebook: first?.notebook, notebook_path: first?.notebook_path });
      }
    }
    branches.set(group, { children, totals });
    top.push(group);
  }
  for (const group of known.values()) {
    const { children = [], totals = noTotals() } = branches.get(group) ?? {};
    Object.assign(group, { ...totals.sums, cpu: totals.cpu, memory: totals.memory, group: children });
  }
  return branches.set(undefined, { children: top, totals: noTotals() });
}

/**
 * Add the newest CPU of each group to its recent ones, which its sparkline shows.
 * @param {Iterable<Row>} groups
 * @param {number} tick number of the reading
 */
export function recordGroups(groups, tick) {
  for (const group of groups) {
    if (group.group?.length) {
      recordGroupCpu(group, group.group, tick);
    }
  }
}
