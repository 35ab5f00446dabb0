/**
 * A table of processes below the process table, such as what each did between two moments. It sorts by any column, and
 * is there until it is closed. A process's name leads to it.
 */

import { button, element, setAttribute, setText } from "../ui/dom.js";
import { figure, UNKNOWN } from "../ui/format.js";

/** @typedef {{ pid: number, name: string, identity: string, command?: string | null }} Named */

/**
 * @template {Named} Row
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {(row: Row) => string | number | null} value what it sorts by
 * @property {(row: Row) => string} [text] what it shows
 * @property {boolean} [number]
 */

/** Rows that are shown; the others did less. */
const MOST = 100;

/** @template {Named} Row */
export class RowsTable {
  /**
   * @param {string} label
   * @param {Column<Row>[]} columns after the process's own
   * @param {string} sort the key of the column that it is sorted by at first, "" for none
   * @param {{ closed: () => void, go: (row: Row) => void }} on
   * @param {HTMLElement[]} [deeds] what stands beside its title
   */
  constructor(label, columns, sort, on, deeds = []) {
    /** @type {Column<Row>[]} */
    this.columns = [
      {
        key: "name",
        label: "Process",
        value: ({ name }) => name.toLowerCase(),
        text: ({ name, pid }) => `${name} (${pid})`,
      },
      ...columns,
    ];
    this.sort = sort;
    this.down = true;
    this.on = on;
    /** @type {Row[]} */
    this.rows = [];
    this.leftOut = 0;
    this.title = element("span", { class: "pw-interval-title" });
    this.heads = this.columns.map(({ key, label: words, number }) => {
      const head = button(words, () => this.#sortBy(key), { class: "pw-interval-sort" });
      return element("th", { scope: "col", "data-column": key, class: number ? "pw-amount" : "" }, head);
    });
    this.body = element("tbody");
    this.more = element("div", { class: "pw-interval-more" });
    this.element = element(
      "section",
      { class: "pw-interval", "aria-label": label, hidden: true },
      element("div", { class: "pw-interval-head" }, this.title, ...deeds, button("Close", on.closed)),
      element(
        "div",
        { class: "pw-interval-scroll", tabindex: "0", role: "group", "aria-label": "What processes did" },
        element("table", {}, element("thead", {}, element("tr", {}, ...this.heads)), this.body),
      ),
      this.more,
    );
  }

  hide() {
    this.element.hidden = true;
    this.rows = [];
    this.#draw();
  }

  /**
   * @param {string} title
   * @param {Row[]} rows
   * @param {number} leftOut how many there are besides
   */
  show(title, rows, leftOut) {
    setText(this.title, title);
    this.rows = rows;
    this.leftOut = leftOut;
    this.element.hidden = false;
    this.#draw();
    this.element.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {string} key */
  #sortBy(key) {
    this.down = this.sort === key ? !this.down : this.columns.find((column) => column.key === key)?.number === true;
    this.sort = key;
    this.#draw();
  }

  #draw() {
    const column = this.columns.find(({ key }) => key === this.sort);
    const rows = [...this.rows].sort((one, other) => {
      const [a, b] = column ? [column.value(one), column.value(other)] : [0, 0];
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
    const left = rows.length - Math.min(rows.length, MOST) + this.leftOut;
    const none = rows.length === 0 ? "Nothing differs." : "";
    setText(this.more, left > 0 ? `and ${figure(left)} more` : none);
  }

  /** @param {Row} row */
  #row(row) {
    const line = element("tr", { "data-pid": String(row.pid) });
    for (const { key, value, text, number } of this.columns) {
      const shown = text ? text(row) : String(value(row) ?? UNKNOWN);
      const link = key === "name" ? button(shown, () => this.on.go(row), { class: "pw-relative" }) : shown;
      line.append(element("td", { "data-column": key, class: number ? "pw-amount" : "" }, link));
    }
    line.title = row.command ?? "";
    return line;
  }
}
