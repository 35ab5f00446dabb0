/** What every row has: a blank one to begin with, its recent CPU figures, and how long it is marked as new or ended. */

import { FIELDS } from "../fields.generated.js";

/** @import { Row } from "../types.js" */

/** What seldom changes about a process, in the order of a frame's `info` after the identity, which has the pid. */
export const INFO = FIELDS.filter(
  (field) => field.stored && field.number === "" && !field.on_demand && field.key !== "pid",
);

/** The fields that are read on demand. */
export const ON_DEMAND = FIELDS.filter((field) => field.on_demand).map(({ key }) => key);

/** Seconds for which a row is marked as new, and for which one that ended is still shown. */
export const MARKED_FOR = 2.5;

/** Intervals without a reading after which a chart has a gap. */
export const GAP_AFTER = 3.5;

/** Readings for which each row keeps its CPU. */
export const CPU_HISTORY = 30;

/**
 * @param {number} key
 * @returns {Row}
 */
export function blankRow(key) {
  return {
    key,
    pid: 0,
    identity: "",
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
    recentCpu: null,
    group: null,
  };
}

/**
 * Write each row's CPU into its ring of the last readings, in place.
 * @param {Iterable<Row>} rows
 * @param {number} tick number of the reading
 * @param {boolean} gap whether there are no figures for it
 */
export function recordCpu(rows, tick, gap) {
  const at = tick % CPU_HISTORY;
  for (const row of rows) {
    row.recentCpu ??= new Float32Array(CPU_HISTORY).fill(NaN);
    row.recentCpu[at] = gap ? NaN : (row.cpu ?? NaN);
  }
}

/**
 * The CPU of several rows together in the last readings; unknown where none of them is known.
 * @param {Iterable<Row>} rows
 */
export function summedCpu(rows) {
  const sum = new Float32Array(CPU_HISTORY).fill(NaN);
  for (const { recentCpu } of rows) {
    for (let at = 0; recentCpu && at < CPU_HISTORY; at++) {
      const value = recentCpu[at] ?? NaN;
      if (!Number.isNaN(value)) {
        const before = sum[at] ?? NaN;
        sum[at] = Number.isNaN(before) ? value : before + value;
      }
    }
  }
  return sum;
}

/** The number of the reading that each group's recent CPU goes up to. @type {WeakMap<Row, number>} */
const recordedUpTo = new WeakMap();

/**
 * Write a group's CPU into its ring of the last readings. Processes that left stay in it; where readings were missed,
 * as while nobody looked at the group, it begins with what its processes have.
 * @param {Row} group
 * @param {Row[]} members
 * @param {number} tick
 */
export function recordGroupCpu(group, members, tick) {
  const missed = tick - (recordedUpTo.get(group) ?? -Infinity);
  if (group.recentCpu === null || missed < 0 || missed > 1) {
    group.recentCpu = summedCpu(members);
  } else {
    group.recentCpu[tick % CPU_HISTORY] = group.cpu ?? NaN;
  }
  recordedUpTo.set(group, tick);
}

/**
 * Set a field of a row by its name.
 * @param {Row} row
 * @param {string} name
 * @param {string | number | null} value
 * @returns {boolean} whether it had another value
 */
export function setValue(row, name, value) {
  const fields = /** @type {Record<string, any>} */ (/** @type {unknown} */ (row));
  const changed = fields[name] !== value;
  fields[name] = value;
  return changed;
}
