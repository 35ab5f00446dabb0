/**
 * Rows enter, the same in groups leaves: by user, by name or by session, each group a row of its own with the totals of
 * what is in it. Group rows are remembered, so that one stays itself from reading to reading.
 */

import { UNKNOWN } from "./format.js";
import { addTotals, ownTotals } from "./totals.js";
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
  /** @type {Map<Row, Totals>} */
  const totals = new Map();
  /** @type {Map<Row, Row>} */
  const home = new Map();
  for (const row of kept) {
    const value = row[kind];
    const identity = `${kind}:${value ?? ""}`;
    const name = value === null ? (kind === "session" ? "no session" : UNKNOWN) : nameOf(String(value));
    const group = known.get(identity) ?? emptyGroup(identity, -1 - known.size);
    known.set(identity, group);
    group.name = name;
    home.set(row, group);
    const sum = totals.get(group) ?? ownTotals(group);
    addTotals(sum, ownTotals(row));
    totals.set(group, sum);
  }
  for (const [group, { processes, cpu, memory }] of totals) {
    Object.assign(group, { cpu, memory, group: { processes } });
  }
  /** @type {Map<Row | undefined, Row[]>} */
  const under = new Map([[undefined, order([...totals.keys()], totals)]]);
  for (const row of order(kept, totals)) {
    const group = home.get(row);
    const rowsOfGroup = under.get(group);
    if (rowsOfGroup) {
      rowsOfGroup.push(row);
    } else {
      under.set(group, [row]);
    }
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

/**
 * @param {string} identity
 * @param {number} key no process's
 * @returns {Row}
 */
function emptyGroup(identity, key) {
  return {
    key,
    pid: 0,
    identity,
    name: "",
    user: null,
    started: null,
    command: null,
    ppid: null,
    nice: null,
    cpu: null,
    memory: null,
    cpu_time: null,
    threads: null,
    status: null,
    since: 0,
    ended: false,
    words: "",
    session: null,
    born: 0,
    trace: null,
    group: { processes: 0 },
  };
}
