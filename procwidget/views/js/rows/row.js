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
 * Set a field of a row by its name.
 * @param {Row} row
 * @param {string} name
 * @param {number | null} value
 */
export function setValue(row, name, value) {
  /** @type {Record<string, any>} */ (/** @type {unknown} */ (row))[name] = value;
}
