/**
 * What is known of a process at a past moment, as far as it was read: what the table of then says, its figures up to
 * then, and when and why it ended after that. What is looked up only on demand, such as open files, nobody read.
 */

import { pastDetails } from "../connection/past_messages.js";
import { button, setHidden } from "../ui/dom.js";
import { clock } from "../ui/format.js";

/** @import { Link } from "../connection/link.js" */
/** @import { ProcessDetails, Relative } from "../connection/answers.js" */
/** @import { PastOf } from "../rows/store.js" */
/** @import { Row } from "../types.js" */

/** Milliseconds for which a moment is shown before its figures are asked for. */
const STAYS = 200;

const MOST_PARENTS = 50;
const MOST_CHILDREN = 100;

/**
 * The details that the table of a moment has.
 * @param {Row} row
 * @param {Iterable<Row>} rows all of then
 * @returns {ProcessDetails}
 */
export function detailsOf(row, rows) {
  const byPid = new Map();
  /** @type {Relative[]} */
  const children = [];
  for (const one of rows) {
    byPid.set(one.pid, one);
    if (one.ppid === row.pid && one !== row) {
      children.push({ pid: one.pid, name: one.name });
    }
  }
  /** @type {Relative[]} */
  const parents = [];
  for (let up = byPid.get(row.ppid); up && parents.length < MOST_PARENTS; up = byPid.get(up.ppid)) {
    parents.push({ pid: up.pid, name: up.name });
    if (up.ppid === up.pid) {
      break;
    }
  }
  return {
    command: row.command,
    executable: null,
    cwd: null,
    terminal: null,
    session: row.session,
    nice: row.nice,
    affinity: null,
    parents,
    children: children.slice(0, MOST_CHILDREN),
    child_count: children.length,
    threads: row.threads,
    busiest_threads: null,
    open_files: null,
    io: null,
    memory: { rss: row.memory === null ? null : row.memory * 2 ** 20 },
    not_permitted: [],
    history: { time: [], cpu: [], memory: [] },
  };
}

/**
 * When it was, and what became of it.
 * @param {Row} row
 * @param {PastOf} past
 * @param {number | null} when it ended, in Unix seconds, where that is known
 * @param {boolean} replay whether a recording is shown, which knows no more than its end
 */
export function fateOf(row, past, when, replay) {
  if (row.ended) {
    return `It was not there at ${clock(past.time)}. This is what was shown last.`;
  }
  const as = `As it was at ${clock(past.time)}.`;
  if (!past.ended.has(row.identity)) {
    return `${as} ${replay ? "It ran on to the end of the recording" : "It still runs"}.`;
  }
  const why = past.why[row.identity];
  const at = when === null ? "since" : `at ${clock(when)}`;
  return `${as} It ended ${at}${why ? `: ${why}` : ""}.`;
}

export class PastDetails {
  /**
   * @param {Pick<Link, "request">} link
   * @param {{ past: () => PastOf | null, now: ((row: Row) => void) | null, row: () => Row | null,
   *   take: (history: ProcessDetails["history"], ended: number | null) => void }} on
   */
  constructor(link, on) {
    this.link = link;
    this.on = on;
    /** The process and the moment that are shown. */
    this.shown = "";
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
    this.nowButton = button("Still runs: go to it now", () => {
      const row = on.row();
      if (row) {
        on.now?.(row);
      }
    });
    this.nowButton.hidden = true;
  }

  clear() {
    clearTimeout(this.timer);
    this.shown = "";
  }

  /**
   * Follow which moment is shown.
   * @param {Row} row
   * @returns {boolean} whether it is another one than before, or another process
   */
  follow(row) {
    const past = this.on.past();
    setHidden(this.nowButton, this.on.now === null || past === null || past.ended.has(row.identity) || row.ended);
    const shown = past === null ? "" : `${past.time} ${row.identity} ${row.ended}`;
    if (shown === this.shown) {
      return false;
    }
    this.shown = shown;
    clearTimeout(this.timer);
    if (past !== null) {
      this.timer = setTimeout(() => this.#ask(row.identity, past.time), STAYS);
    }
    return true;
  }

  /**
   * @param {string} identity
   * @param {number} time
   */
  #ask(identity, time) {
    this.link.request(pastDetails(identity, time), (answer) => {
      if (answer.result === "past_details" && this.on.past()?.time === time && this.on.row()?.identity === identity) {
        this.on.take(answer.history, answer.ended);
      }
    });
  }
}
