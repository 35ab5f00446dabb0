/**
 * Rows enter, the same in groups leaves: by user, by name or by session, each group a row of its own with the totals of
 * what is in it. Group rows are remembered, so that one stays itself from reading to reading.
 */

import { UNKNOWN } from "./format.js";
import { blankRow } from "./row.js";
import { addTotals, noTotals, ownTotals } from "./totals.js";
import { spread } from "./tree.js";

/** @import { Row, Totals } from "./types.js" */
/** @import { Shape, Structure } from "./tree.js" */

/** @typedef {"user" | "name" | "session"} GroupKind */

/**
 * @param {Row[]} kept those that match
 * @param {Iterable<Row>} rows all of them
 * @param {GroupKind} kind
 * @param {Map<string, Row>} known the group rows there were; new ones are added
 * @param {Structure} structure
 * @returns {Shape}
 */
export function groups(kept, rows, kind, known, { order, open }) {
  const nameOf = kind === "session" ? sessionNames(rows) : (/** @type {string} */ text) => text;
  /** @type {Map<Row, Row[]>} */
  const members = new Map();
  for (const row of kept) {
    const value = row[kind];
    const identity = `${kind}:${value ?? ""}`;
    const group = known.get(identity) ?? { ...blankRow(-1 - known.size), identity };
    known.set(identity, group);
    const rowsOfGroup = members.get(group);
    if (rowsOfGroup) {
      rowsOfGroup.push(row);
    } else {
      group.name = value === null ? (kind === "session" ? "no session" : UNKNOWN) : nameOf(String(value));
      members.set(group, [row]);
    }
  }
  /** @type {Map<Row, Totals>} */
  const totals = new Map();
  for (const group of known.values()) {
    const rowsOfGroup = members.get(group) ?? [];
    const sum = noTotals();
    rowsOfGroup.forEach((row) => addTotals(sum, ownTotals(row)));
    totals.set(group, sum);
    Object.assign(group, { cpu: sum.cpu, memory: sum.memory, group: rowsOfGroup });
  }
  /** @type {Map<Row | undefined, Row[]>} */
  const under = new Map([[undefined, order([...members.keys()], totals)]]);
  for (const [group, rowsOfGroup] of members) {
    under.set(group, order(rowsOfGroup, totals));
  }
  return spread(under, totals, open, () => false);
}

/**
 * Sessions are called after the process that began them, as far as it is there.
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
