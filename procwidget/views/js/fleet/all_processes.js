/**
 * The greediest processes of all hosts in one table. The hosts are asked while it is shown, after each answer again; the
 * search is the process table's own language, and each host searches itself.
 */

import { element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { figure, memory, statusWord, UNKNOWN } from "../ui/format.js";
import { randomName } from "../connection/names.js";

/** @import { Model } from "../types.js" */

/** Seconds from an answer to the next question. */
const EVERY = 2;

/** @type {[string, string, boolean, (value: any) => string][]} */
const COLUMNS = [
  ["host", "Host", false, String],
  ["pid", "PID", true, String],
  ["name", "Name", false, String],
  ["user", "User", false, (value) => value ?? UNKNOWN],
  ["status", "Status", false, statusWord],
  ["cpu", "CPU %", true, (value) => figure(value, 1)],
  ["memory", "Memory", true, memory],
  ["command", "Command", false, (value) => value ?? UNKNOWN],
];
const SORTED = new Set(["cpu", "memory"]);

export class AllProcesses {
  /**
   * @param {Model} model
   * @param {(host: string, query: string) => void} open called with the host to open, and a search for the process
   */
  constructor(model, open) {
    this.model = model;
    this.shown = false;
    this.seen = false;
    this.sort = "cpu";
    this.request = "";
    this.input = element("input", {
      class: "pw-search",
      type: "search",
      placeholder: "train user=ana cpu>50",
      "aria-label": "Search the processes of all hosts",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.said = element("span", { class: "pw-muted", role: "status" });
    this.mistake = element("div", { class: "pw-fleet-mistake", hidden: true });
    this.headings = COLUMNS.map(([key, label, numeric]) => {
      const cell = element("th", { scope: "col", class: numeric ? "pw-right" : "" });
      if (SORTED.has(key)) {
        const by = element("button", { type: "button" }, label);
        by.addEventListener("click", () => {
          this.sort = key;
          this.#showSort();
          this.#ask();
        });
        setAttribute(cell, "data-column", key);
        cell.append(by);
      } else {
        cell.append(label);
      }
      return cell;
    });
    this.#showSort();
    this.body = element("tbody");
    this.element = element(
      "div",
      { class: "pw-all-processes", hidden: true },
      element("div", { class: "pw-fleet-search" }, this.input, this.said),
      this.mistake,
      element(
        "div",
        { class: "pw-all-scroller" },
        element("table", {}, element("thead", {}, element("tr", {}, ...this.headings)), this.body),
      ),
    );
    this.input.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.#ask(), 300);
    });
    this.body.addEventListener("click", ({ target }) => {
      const { host, pid } = (target instanceof HTMLElement && target.closest("tr")?.dataset) || {};
      if (host) {
        open(host, `pid=${pid}`);
      }
    });
  }

  remove() {
    clearTimeout(this.waiting);
    clearTimeout(this.typing);
  }

  /** @param {boolean} on whether it is chosen */
  show(on) {
    this.shown = on;
    setHidden(this.element, !on);
    this.#ask();
  }

  /** @param {boolean} on whether anybody sees the page */
  watch(on) {
    this.seen = on;
    this.#ask();
  }

  #showSort() {
    for (const heading of this.headings) {
      const key = heading.dataset["column"];
      setAttribute(heading, "aria-sort", key === undefined ? null : key === this.sort ? "descending" : "none");
    }
  }

  #ask() {
    clearTimeout(this.waiting);
    if (!this.shown || !this.seen) {
      return;
    }
    this.request = randomName();
    this.model.send({ type: "processes", request: this.request, query: this.input.value, sort: this.sort });
    // Should an answer be lost.
    this.waiting = setTimeout(() => this.#ask(), 10_000);
  }

  /** @param {any} answer of the kernel */
  told(answer) {
    if (answer.request !== this.request) {
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#ask(), EVERY * 1000);
    const refused = answer.result !== "processes";
    setText(this.mistake, refused ? answer.refusals.join(" ") : "");
    setHidden(this.mistake, !refused);
    if (refused) {
      return;
    }
    const { columns, rows, missing, total } = answer;
    const many = rows.length < total ? `The first ${rows.length} of ${figure(total)}` : `${figure(total)} found`;
    setText(this.said, missing.length ? `${many}; without an answer: ${missing.join(", ")}` : many);
    const places = COLUMNS.map(([key]) => columns.indexOf(key));
    while (this.body.children.length > rows.length) {
      this.body.lastElementChild?.remove();
    }
    for (const [at, row] of rows.entries()) {
      let line = /** @type {HTMLElement | undefined} */ (this.body.children[at]);
      if (!line) {
        line = element(
          "tr",
          {},
          ...COLUMNS.map(([key, , numeric]) =>
            element(
              "td",
              { class: numeric ? "pw-right" : "" },
              // For who has no mouse.
              ...(key === "host" ? [element("button", { type: "button" })] : []),
            ),
          ),
        );
        this.body.append(line);
      }
      line.dataset["host"] = row[columns.indexOf("host")];
      line.dataset["pid"] = row[columns.indexOf("pid")];
      for (const [column, [, , , text]] of COLUMNS.entries()) {
        const cell = /** @type {HTMLElement} */ (line.children[column]);
        const shown = text(row[places[column] ?? 0]);
        setText(/** @type {HTMLElement} */ (cell.firstElementChild ?? cell), shown);
        cell.title = shown;
      }
    }
  }
}
