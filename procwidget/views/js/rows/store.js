/**
 * The processes as of the newest frame, by key. A row is one object from its first frame to its last, changed in place,
 * so what a view remembers about it stays valid; `ended` says that its process is gone.
 */

import { STATUSES } from "../fields.generated.js";
import { searchTextOf } from "../search/comparison.js";
import { Emitter } from "../ui/emitter.js";
import { decode } from "./frame.js";
import { blankRow, GAP_AFTER, INFO, MARKED_FOR, ON_DEMAND, recordCpu, setValue } from "./row.js";

/** @import { Frame, Info } from "../connection/protocol.js" */
/** @import { Row } from "../types.js" */

const MIB = 2 ** 20;

/** Keys from here on are those of processes that are in no present frame. */
const FIRST_PAST_KEY = 2 ** 31;

/** In which statuses any CPU time begins the count anew. @type {Set<string | null>} */
const NEEDS_IDLE = new Set(STATUSES.filter((status) => status.needs_idle).map(({ name }) => name));

/** @param {number | undefined} value */
function known(value) {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** @typedef {{ time: number, ended: Set<string>, why: Record<string, string> }} PastOf */

/** Emits after every frame. */
export class Store extends Emitter {
  constructor() {
    super();
    /** @type {Map<number, Row>} */
    this.rows = new Map();
    /** Rows that ended a moment ago, and when. @type {Map<Row, number>} */
    this.ended = new Map();
    /** The past moment that is shown, who of it has ended since, and why where that is known. @type {PastOf | null} */
    this.past = null;
    /** The present rows, while the past is shown. @type {Map<number, Row> | null} */
    this.present = null;
    /** The keys of processes that were met in the past and are in no present frame. @type {Map<string, number>} */
    this.pastKeys = new Map();
    /** Frames taken so far. */
    this.tick = 0;
    /** Unix seconds of the newest frame. */
    this.time = 0;
    /** @type {number | null} MiB */
    this.memoryTotal = null;
    this.cpus = 1;
  }

  /** The rows to show: those of the newest frame, and those that ended a moment ago. */
  shown() {
    return [...this.rows.values(), ...this.ended.keys()];
  }

  /**
   * Apply a frame.
   * @param {Frame} frame
   * @param {DataView | ArrayBuffer | undefined} block
   * @returns {boolean} false when it does not follow on what is here: rows may be half changed then, and only a
   *   whole frame helps
   */
  apply(frame, block) {
    const columns = decode(frame, block);
    if (columns === null) {
      return false;
    }
    return this.#applyDecoded(frame, columns);
  }

  /**
   * Show the processes of a past moment. Their rows are those of the present where it is the same process; what is
   * remembered of a present row, such as its trace, stays as it is.
   * @param {Frame} frame a whole one, whose keys are its own
   * @param {DataView | ArrayBuffer | undefined} block
   * @param {Set<string>} ended identities of those that have ended since
   * @param {Record<string, string>} [why] they did
   * @returns {boolean} false when it makes no sense
   */
  showPast(frame, block, ended, why = {}) {
    const columns = decode(frame, block);
    if (columns === null) {
      return false;
    }
    this.present ??= this.rows;
    const keys = new Map([...this.present].map(([key, { identity }]) => [identity, key]));
    const own = columns.key ?? new Uint32Array();
    for (const [at, [identity]] of frame.info.entries()) {
      own[at] = keys.get(identity) ?? this.#pastKey(identity);
    }
    this.ended = new Map();
    this.past = { time: frame.time, ended, why };
    return this.#applyDecoded(frame, columns);
  }

  /** Show the present again; the next frame is a whole one. */
  endOfPast() {
    for (const [key, row] of this.rows) {
      row.ended ||= this.present !== null && !this.present.has(key);
    }
    // What is remembered of rows that were not there then, such as their traces, stays with them.
    this.rows = this.present ?? this.rows;
    this.past = null;
    this.present = null;
    this.pastKeys.clear();
  }

  /** @param {string} identity */
  #pastKey(identity) {
    const key = this.pastKeys.get(identity) ?? FIRST_PAST_KEY + this.pastKeys.size;
    this.pastKeys.set(identity, key);
    return key;
  }

  /**
   * @param {Frame} frame
   * @param {import("./frame.js").Columns} columns
   */
  #applyDecoded(frame, columns) {
    const pause = frame.time - this.time;
    this.time = frame.time;
    this.cpus = frame.cpus ?? 0;
    this.memoryTotal = frame.memory_total === null ? null : frame.memory_total / MIB;
    this.cpus = frame.cpus || 1;
    const before = this.rows;
    if (frame.whole) {
      this.rows = new Map();
    }
    for (const [at, info] of frame.info.entries()) {
      this.#readInfo(columns.key?.[at] ?? -1, info, frame, before);
    }
    if (!this.#readFigures(frame, columns)) {
      return false;
    }
    for (const [key, since] of frame.since ?? []) {
      const row = this.rows.get(key);
      if (row) {
        row.since = since;
      }
    }
    if (frame.whole) {
      for (const [key, row] of before) {
        row.ended = !this.rows.has(key);
      }
      this.ended.clear();
    }
    for (const key of frame.gone) {
      const row = this.rows.get(key);
      if (row) {
        row.ended = true;
        row.left = frame.time;
        this.rows.delete(key);
        this.ended.set(row, frame.time);
      }
    }
    for (const [row, when] of this.ended) {
      if (Math.abs(frame.time - when) > MARKED_FOR) {
        this.ended.delete(row);
      }
    }
    if (this.past) {
      this.tick++;
      this.emit();
      return true;
    }
    if (this.tick > 0 && pause > GAP_AFTER * (frame.interval ?? pause)) {
      recordCpu(this.rows.values(), ++this.tick, true);
    }
    recordCpu(this.rows.values(), ++this.tick, false);
    this.emit();
    return true;
  }

  /**
   * @param {number} key
   * @param {Info} info
   * @param {Frame} frame
   * @param {Map<number, Row>} before
   */
  #readInfo(key, info, { strings, texts = [], whole }, before) {
    const identity = info[0];
    const row = before.get(key) ?? { ...blankRow(key), since: this.time, born: whole ? 0 : this.time };
    let changed = row.identity !== identity;
    row.identity = identity;
    row.pid = Number.parseInt(identity, 10);
    for (let at = 0; at < INFO.length; at++) {
      const { key: name, kind } = /** @type {(typeof INFO)[number]} */ (INFO[at]);
      const given = /** @type {number | null} */ (info[at + 1] ?? null);
      const text = kind.name === "text";
      const value = text ? (strings[given ?? -1] ?? (name === "name" ? "" : null)) : given;
      changed = setValue(row, name, value) || changed;
    }
    for (const [at, name] of texts.entries()) {
      const given = /** @type {number | null} */ (info[INFO.length + 1 + at] ?? null);
      changed = setValue(row, name, strings[given ?? -1] ?? null) || changed;
    }
    if (changed) {
      row.words = searchTextOf(row);
    }
    this.rows.set(key, row);
  }

  /**
   * @param {Frame} frame
   * @param {import("./frame.js").Columns} columns
   */
  #readFigures(frame, columns) {
    const { key: keys, cpu, memory, cpu_time: cpuTimes, threads, status: statuses } = columns;
    const onDemand = ON_DEMAND.filter((name) => name in columns || frame.whole);
    for (let at = 0; at < frame.count; at++) {
      const row = this.rows.get(keys?.[at] ?? -1);
      if (row === undefined) {
        return false;
      }
      const status = frame.statuses[statuses?.[at] ?? -1] ?? null;
      const cpuTime = known(cpuTimes?.[at]);
      if (status !== row.status || (NEEDS_IDLE.has(status) && cpuTime !== row.cpu_time)) {
        row.since = frame.time;
      }
      const count = threads?.[at] ?? -1;
      row.cpu = known(cpu?.[at]);
      row.memory = known(memory?.[at]);
      row.cpu_time = cpuTime;
      row.threads = count < 0 ? null : count;
      row.status = status;
      for (const name of onDemand) {
        if (!frame.texts?.includes(name)) {
          setValue(row, name, known(columns[name]?.[at]));
        }
      }
    }
    return true;
  }
}
