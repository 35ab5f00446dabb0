/**
 * The fields in the panel of details, as a list of terms. What may not be read is shown as "not permitted"; parents and
 * children are buttons that lead to their own details. Only what changed is written.
 */

import { button, element, setHidden, setText } from "../ui/dom.js";
import { age, bytes, figure, moment, statusWord, UNKNOWN } from "../ui/format.js";
import { MORE_TEXTS, openFiles, WIDE_TEXTS } from "./more_fields.js";
import { ThreadList } from "./threads.js";

/** @import { ProcessDetails, Relative } from "../connection/answers.js" */
/** @import { Row } from "../types.js" */

/** What the table knows of a process, which goes on with every reading. @type {[string, (row: Row, now: number) => string][]} */
const OF_ROW = [
  ["User", ({ user }) => user ?? UNKNOWN],
  ["Status", ({ status, ended }) => (ended ? "ended" : statusWord(status))],
  [
    "Started",
    ({ started }, now) => (started === null ? UNKNOWN : `${moment(started, now)} (${age(started, now)} ago)`),
  ],
  ["CPU time", ({ cpu_time }) => (cpu_time === null ? UNKNOWN : `${figure(cpu_time, 1)} s`)],
];

/** @param {Row} row */
function notebookText({ notebook, notebook_path: path }) {
  return path ? `${notebook}: ${path}` : (notebook ?? "");
}

/** @type {[key: string, label: string, say: (details: ProcessDetails) => string][]} */
const TEXTS = [
  ["executable", "Executable", ({ executable }) => executable ?? UNKNOWN],
  ["cwd", "Working directory", ({ cwd }) => cwd ?? UNKNOWN],
  ["threads", "Threads", ({ threads }) => figure(threads)],
  ["open_files", "Open files", openFiles],
  ["io.read", "Read", ({ io }) => bytes(io?.["read"] ?? null)],
  ["io.written", "Written", ({ io }) => bytes(io?.["written"] ?? null)],
  ["memory.rss", "Resident", ({ memory }) => bytes(memory?.["rss"] ?? null)],
  ["memory.uss", "Its own (USS)", ({ memory }) => bytes(memory?.["uss"] ?? null)],
  ["memory.pss", "Its share (PSS)", ({ memory }) => bytes(memory?.["pss"] ?? null)],
  ["memory.swap", "Swapped", ({ memory }) => bytes(memory?.["swap"] ?? null)],
  ["nice", "Nice", ({ nice }) => (nice === null ? UNKNOWN : String(nice))],
  ["affinity", "CPUs it may use", ({ affinity }) => ranges(affinity)],
  ["session", "Session", ({ session }) => (session === null ? UNKNOWN : String(session))],
  ["terminal", "Terminal", ({ terminal }) => terminal ?? UNKNOWN],
  ...MORE_TEXTS,
];

/**
 * Numbers with runs of them shortened: "0–3, 7".
 * @param {number[] | null} numbers
 */
export function ranges(numbers) {
  if (numbers === null || numbers.length === 0) {
    return UNKNOWN;
  }
  /** @type {[from: number, to: number][]} */
  const runs = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run && number === run[1] + 1) {
      run[1] = number;
    } else {
      runs.push([number, number]);
    }
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(", ");
}

export class FieldList {
  /** @param {(pid: number) => void} go called to look at another process */
  constructor(go) {
    this.go = go;
    this.command = element("dd", { class: "pw-fact-command", tabindex: "0" }, UNKNOWN);
    this.parents = element("dd", {}, UNKNOWN);
    this.children = element("dd", {}, UNKNOWN);
    this.threads = new ThreadList();
    this.values = new Map(TEXTS.map(([key]) => [key, element("dd", {}, UNKNOWN)]));
    this.ofRow = OF_ROW.map(() => element("dd", {}, UNKNOWN));
    this.notebook = element("dd", {});
    this.notebookField = field("Notebook", this.notebook, true);
    this.rowElement = element(
      "dl",
      { class: "pw-facts-of pw-facts-first" },
      ...OF_ROW.map(([label], at) => field(label, /** @type {HTMLElement} */ (this.ofRow[at]), false)),
      this.notebookField,
    );
    this.element = element(
      "dl",
      { class: "pw-facts-of" },
      field("Command", this.command, true),
      field("Parents", this.parents, true),
      field("Children", this.children, true),
      ...TEXTS.map(([key, label]) => field(label, /** @type {HTMLElement} */ (this.values.get(key)), WIDE.has(key))),
      field("Busiest threads", this.threads.element, true),
    );
    /** What the lists show now; unchanged lists are not rebuilt, because that would drop the focus. */
    this.shown = ["", ""];
  }

  /** Forget the previous process. */
  clear() {
    for (const value of [this.command, this.parents, this.children, ...this.values.values()]) {
      setText(value, UNKNOWN);
    }
    this.threads.clear();
    this.shown = ["", ""];
  }

  /**
   * @param {Row} row
   * @param {number} now Unix seconds
   */
  showRow(row, now) {
    for (const [at, [, say]] of OF_ROW.entries()) {
      setText(/** @type {HTMLElement} */ (this.ofRow[at]), say(row, now));
    }
    setText(this.notebook, notebookText(row));
    setHidden(this.notebookField, !row.notebook);
  }

  /**
   * Show the command with its secrets.
   * @param {string | null} command
   */
  reveal(command) {
    setText(this.command, command ?? UNKNOWN);
  }

  /**
   * @param {ProcessDetails} details
   * @param {boolean} revealed whether the command is shown already, with its secrets
   */
  show(details, revealed) {
    const denied = new Set(details.not_permitted);
    for (const [key, , say] of TEXTS) {
      const [whole = ""] = key.split(".");
      const text = denied.has(key) || denied.has(whole) ? "not permitted" : say(details);
      setText(/** @type {HTMLElement} */ (this.values.get(key)), text);
    }
    if (!revealed) {
      setText(this.command, denied.has("command") ? "not permitted" : (details.command ?? UNKNOWN));
    }
    this.threads.show(details, denied.has("threads"));
    this.#list(0, this.parents, [...(details.parents ?? [])].reverse(), " › ", 0);
    const children = details.children ?? [];
    this.#list(1, this.children, children, " ", (details.child_count ?? children.length) - children.length);
  }

  /**
   * @param {number} at
   * @param {HTMLElement} into
   * @param {Relative[]} relatives
   * @param {string} between
   * @param {number} more how many are not listed
   */
  #list(at, into, relatives, between, more) {
    const shown = JSON.stringify([relatives, more]);
    if (this.shown[at] === shown) {
      return;
    }
    this.shown[at] = shown;
    const buttons = relatives.flatMap(({ pid, name }, place) => {
      const link = button(`${name} (${pid})`, () => this.go(pid), { class: "pw-relative" });
      return place ? [between, link] : [link];
    });
    into.replaceChildren(...(buttons.length ? buttons : ["none"]), more > 0 ? ` and ${figure(more)} more` : "");
  }
}

const WIDE = new Set(["executable", "cwd", ...WIDE_TEXTS]);

/**
 * @param {string} label
 * @param {HTMLElement} value
 * @param {boolean} wide
 */
function field(label, value, wide) {
  return element("div", wide ? { class: "pw-wide-fact" } : {}, element("dt", {}, label), value);
}
