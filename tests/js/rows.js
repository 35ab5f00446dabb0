/** Makes rows and frames for the tests: what a test does not say is plain. */

import { searchTextOf } from "../../procwidget/views/js/search/comparison.js";

/** @import { Frame, Info } from "../../procwidget/views/js/connection/protocol.js" */
/** @import { Row } from "../../procwidget/views/js/types.js" */

export const STATUSES = ["running", "sleeping", "disk-sleep", "stopped", "tracing-stop", "zombie"];

export const THRESHOLDS = {
  process_cpu: /** @type {[number, number]} */ ([50, 90]),
  process_memory: /** @type {[number, number]} */ ([20, 50]),
};

const COLUMNS = /** @type {[string, string][]} */ ([
  ["key", "u4"],
  ["cpu", "f4"],
  ["memory", "f4"],
  ["cpu_time", "f4"],
  ["threads", "i4"],
  ["status", "i4"],
]);

/**
 * @param {Partial<Row> & { key: number } & Record<string, any>} given
 * @returns {Row}
 */
export function row(given) {
  const pid = given.pid ?? given.key;
  const made = {
    pid,
    identity: `${pid}-${given.key}`,
    name: "sleep",
    user: "ana",
    started: 1000,
    command: "sleep 60",
    ppid: 1,
    nice: 0,
    cpu: 0,
    memory: 1,
    cpu_time: 0,
    threads: 1,
    status: "sleeping",
    since: 1000,
    ended: false,
    words: "",
    session: null,
    born: 0,
    recentCpu: null,
    group: null,
    ...given,
  };
  made.words ||= searchTextOf(made);
  return made;
}

/**
 * A frame as the kernel makes it, with its block starting at an odd place of a longer buffer, as in a message.
 * @param {Partial<Frame> & { seq: number }} given
 * @param {Row[]} changed
 * @param {Row[]} [fresh] rows whose info goes along
 * @param {string[]} [onDemand] numbers that were read on demand
 * @returns {[Frame, DataView]}
 */
export function frame(given, changed, fresh = changed, onDemand = []) {
  // Rows whose info goes along come first in the block.
  changed = [...fresh, ...changed.filter((one) => !fresh.includes(one))];
  const block = new DataView(new ArrayBuffer(4 * (COLUMNS.length + onDemand.length) * changed.length + 3), 3);
  const values = changed.flatMap((one) => one.key);
  const columns = [
    values,
    ...["cpu", "memory", "cpu_time"].map((name) => changed.map((one) => Reflect.get(one, name) ?? NaN)),
    changed.map((one) => one.threads ?? -1),
    changed.map((one) => STATUSES.indexOf(one.status ?? "")),
    ...onDemand.map((name) => changed.map((one) => Reflect.get(one, name) ?? NaN)),
  ];
  columns.flat().forEach((value, at) => {
    const column = Math.floor(at / Math.max(1, changed.length));
    if ((column >= 1 && column <= 3) || column >= COLUMNS.length) {
      block.setFloat32(4 * at, value, true);
    } else {
      block.setInt32(4 * at, value, true);
    }
  });
  const strings = [...new Set(fresh.flatMap(({ name, user, command }) => [name, user ?? "", command ?? ""]))];
  /** @param {string | null} text */
  const place = (text) => (text === null ? null : strings.indexOf(text));
  /** @type {Info[]} */
  const info = fresh.map((one) => [
    one.identity,
    strings.indexOf(one.name),
    place(one.user),
    one.started,
    place(one.command),
    one.ppid,
    one.nice,
    one.session,
  ]);
  /** @type {Frame} */
  const content = {
    type: "frame",
    whole: false,
    time: 2000,
    interval: 2,
    memory_total: 2 ** 34,
    count: changed.length,
    columns: [...COLUMNS, ...onDemand.map((name) => /** @type {[string, string]} */ ([name, "f4"]))],
    statuses: STATUSES,
    strings,
    info,
    gone: [],
    ...given,
  };
  return [content, block];
}

/**
 * Numbers that look random and are the same in every run.
 * @param {number} seed
 * @returns {() => number} from 0 to 1
 */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A model as anywidget hands it over; what was sent is in `sent`. */
export class FakeModel {
  /** @param {Record<string, unknown>} [state] */
  constructor(state = {}) {
    this.state = state;
    /** @type {any[]} */
    this.sent = [];
    /** @type {[string, (...args: any[]) => void][]} */
    this.listeners = [];
  }

  /** @param {string} name */
  get(name) {
    return this.state[name];
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    this.state[name] = value;
    this.emit(`change:${name}`);
  }

  /**
   * @param {string} name
   * @param {(...args: any[]) => void} listener
   */
  on(name, listener) {
    this.listeners.push([name, listener]);
  }

  /**
   * @param {string} name
   * @param {((...args: any[]) => void) | null} [listener]
   */
  off(name, listener) {
    this.listeners = this.listeners.filter(([of, one]) => of !== name || one !== listener);
  }

  /** @param {any} content */
  send(content) {
    this.sent.push(content);
  }

  /**
   * @param {string} name
   * @param {...any} args
   */
  emit(name, ...args) {
    this.listeners.filter(([of]) => of === name).forEach(([, listener]) => listener(...args));
  }
}
