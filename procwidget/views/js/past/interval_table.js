/**
 * A table of what each process did between two moments: CPU time, memory, bytes, when it began and ended, and why. It
 * sorts by any column. Below the process table, until it is closed.
 */

import { button, element, setAttribute } from "../ui/dom.js";
import { bytes, clock, figure, UNKNOWN } from "../ui/format.js";

/** @import { IntervalAnswer, IntervalRow } from "../connection/past_messages.js" */

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {(row: IntervalRow) => string | number | null} value what it sorts by
 * @property {(row: IntervalRow) => string} [text] what it shows
 * @property {boolean} [number]
 */

/** @param {number | null} mebibytes */
function signed(mebibytes) {
  const text = figure(mebibytes, 1);
  return text === UNKNOWN ? text : `${(mebibytes ?? 0) >= 0.05 ? "+" : ""}${text} MiB`;
}

/** @param {number | null} time */
function moment(time) {
  return time === null ? "" : clock(time);
}

/** @type {Column[]} */
const COLUMNS = [
  { key: "name", label: "Process", value: (row) => row.name.toLowerCase(), text: (row) => `${row.name} (${row.pid})` },
  { key: "user", label: "User", value: (row) => row.user },
  {
    key: "cpu_seconds",
    label: "CPU time",
    value: (row) => row.cpu_seconds,
    text: (row) => (row.cpu_seconds === null ? UNKNOWN : `${figure(row.cpu_seconds, 1)} s`),
    number: true,
  },
  {
    key: "memory_change",
    label: "Memory",
    value: (row) => row.memory_change,
    text: (row) => signed(row.memory_change),
    number: true,
  },
  { key: "read", label: "Read", value: (row) => row.read, text: (row) => bytes(row.read), number: true },
  { key: "written", label: "Written", value: (row) => row.written, text: (row) => bytes(row.written), number: true },
  { key: "began", label: "Began", value: (row) => row.began, text: (row) => moment(row.began), number: true },
  {
    key: "ended",
    label: "Ended",
    value: (row) => row.ended,
    text: (row) => (row.ended === null ? "" : `${moment(row.ended)} ${row.why ?? ""}`.trim()),
  },
];

/** Rows that are shown; the others did less. */
const MOST = 100;

export class IntervalTable {
  /** @param {() => void} closed */
  constructor(closed) {
    this.sort = "cpu_seconds";
    this.down = true;
    /** @type {IntervalAnswer | null} */
    this.answer = null;
    this.title = element("span", { class: "pw-interval-title" });
    this.heads = COLUMNS.map(({ key, label, number }) => {
      const head = button(label, () => this.#sortBy(key), { class: "pw-interval-sort" });
      return element("th", { scope: "col", "data-column": key, class: number ? "pw-amount" : "" }, head);
    });
    this.body = element("tbody");
    this.more = element("div", { class: "pw-interval-more" });
    this.element = element(
      "section",
      { class: "pw-interval", "aria-label": "Between two moments", hidden: true },
      element("div", { class: "pw-interval-head" }, this.title, button("Close", closed)),
      element(
        "div",
        { class: "pw-interval-scroll", tabindex: "0", role: "group", "aria-label": "What processes did" },
        element("table", {}, element("thead", {}, element("tr", {}, ...this.heads)), this.body),
      ),
      this.more,
    );
  }

  /** @param {IntervalAnswer | null} answer null hides it */
  show(answer) {
    this.answer = answer;
    this.element.hidden = answer === null;
    this.#draw();
  }

  /** @param {string} key */
  #sortBy(key) {
    this.down = this.sort === key ? !this.down : COLUMNS.find((column) => column.key === key)?.number === true;
    this.sort = key;
    this.#draw();
  }

  #draw() {
    const answer = this.answer;
    if (answer === null) {
      this.body.replaceChildren();
      return;
    }
    const seconds = Math.round(answer.to - answer.from);
    this.title.textContent = `From ${clock(answer.from)} to ${clock(answer.to)}, ${seconds} s`;
    const column = COLUMNS.find(({ key }) => key === this.sort) ?? COLUMNS[0];
    const rows = [...answer.processes].sort((one, other) => {
      const [a, b] = [column?.value(one) ?? null, column?.value(other) ?? null];
      if (a === null || b === null) {
        // What is unknown comes last in either direction.
        return Number(a === null) - Number(b === null);
      }
      return (a < b ? -1 : a > b ? 1 : 0) * (this.down ? -1 : 1);
    });
    for (const head of this.heads) {
      const sorted = head.dataset["column"] === this.sort;
      setAttribute(head, "aria-sort", sorted ? (this.down ? "descending" : "ascending") : null);
    }
    this.body.replaceChildren(...rows.slice(0, MOST).map((row) => this.#row(row)));
    const left = rows.length - MOST + answer.left_out;
    this.more.textContent = left > 0 ? `and ${figure(left)} more` : "";
  }

  /** @param {IntervalRow} row */
  #row(row) {
    const line = element("tr", { "data-pid": String(row.pid) });
    for (const { key, value, text, number } of COLUMNS) {
      const shown = text ? text(row) : String(value(row) ?? UNKNOWN);
      line.append(element("td", { "data-column": key, class: number ? "pw-amount" : "" }, shown));
    }
    line.title = row.command ?? "";
    return line;
  }
}
