/** A number enters, a row of which nothing else is known yet leaves. Pure. */

/** @import { Row } from "../types.js" */

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
    trace: null,
    group: null,
  };
}
