/**
 * One open panel: facts, tables with headings and sentences, whatever the kernel puts into words for it. A reading
 * changes text in place; elements are made anew only where there are more or fewer of them than before.
 */

import { button, element, setAttribute, setText, uniqueId } from "../ui/dom.js";

/** @import { PanelCell, PanelContent, PanelTable } from "../connection/protocol.js" */

/** Columns from which on a table takes a line of its own. */
const WIDE = 6;

export class Panel {
  /**
   * @param {string} title
   * @param {() => void} close
   */
  constructor(title, close) {
    const id = uniqueId("panel");
    /** What a table is sorted by that can be. @type {{ column: number, falls: boolean } | null} */
    this.order = null;
    /** @type {PanelContent | null} */
    this.content = null;
    this.facts = element("dl", { class: "pw-panel-facts" });
    this.tables = element("div", { class: "pw-panel-tables" });
    this.notes = element("div", { class: "pw-panel-notes" });
    this.element = element(
      "section",
      { class: "pw-panel", id, "aria-label": `${title} panel` },
      element(
        "div",
        { class: "pw-panel-head" },
        element("span", { class: "pw-panel-title" }, title),
        button("✕", close, { class: "pw-button pw-panel-close", "aria-label": `Close ${title}`, title: "Close" }),
      ),
      element("div", { class: "pw-panel-body" }, this.facts, this.tables),
      this.notes,
    );
  }

  /** @param {PanelContent} content */
  show(content) {
    this.content = content;
    const { facts, notes } = content;
    const tables = content.tables.map((table) => this.#inOrder(table));
    matchChildren(this.facts, facts.length, () => element("div", {}, element("dt"), element("dd")));
    for (const [at, { label, text, level, hint }] of facts.entries()) {
      const fact = /** @type {HTMLElement} */ (this.facts.children[at]);
      setText(/** @type {HTMLElement} */ (fact.firstElementChild), label);
      setAttribute(fact, "title", hint ?? null);
      mark(/** @type {HTMLElement} */ (fact.lastElementChild), level ? { text, level } : text);
    }
    this.element.classList.toggle(
      "pw-wide",
      tables.some(({ columns }) => columns.length >= WIDE),
    );
    const shapes = tables.map(({ caption, columns }) => [caption, ...columns.map(({ label }) => label)].join("\n"));
    if (this.shapes !== shapes.join("\n\n")) {
      this.shapes = shapes.join("\n\n");
      const sort = (/** @type {number} */ column) => this.#sort(column);
      this.tables.replaceChildren(...tables.map((table) => makeTable(table, tables.length > 1, sort)));
    }
    for (const [at, { columns, rows }] of tables.entries()) {
      fillRows(/** @type {HTMLElement} */ (this.tables.children[at]?.querySelector("tbody")), columns, rows);
    }
    for (const [at, heading] of [...this.tables.querySelectorAll("th[scope=col]:has(button)")].entries()) {
      const order = this.order?.column === at ? (this.order.falls ? "descending" : "ascending") : null;
      setAttribute(heading, "aria-sort", order);
    }
    if (this.notes.textContent !== notes.join("")) {
      this.notes.replaceChildren(...notes.map((note) => element("div", {}, note)));
    }
  }

  /**
   * A table with its rows as they are sorted; those whose value is not known come last.
   * @param {PanelTable} table
   * @returns {PanelTable}
   */
  #inOrder(table) {
    const { values, rows } = table;
    if (!values || !this.order) {
      return table;
    }
    const { column, falls } = this.order;
    const places = rows.map((_, at) => at);
    const value = (/** @type {number} */ at) => values[at]?.[column] ?? (falls ? -Infinity : Infinity);
    places.sort((one, other) => (falls ? value(other) - value(one) : value(one) - value(other)) || one - other);
    return { ...table, rows: places.map((at) => rows[at] ?? []) };
  }

  /** @param {number} column to sort by; once more turns the order */
  #sort(column) {
    this.order = { column, falls: this.order?.column === column ? !this.order.falls : true };
    if (this.content) {
      this.show(this.content);
    }
  }
}

/**
 * @param {PanelTable} table
 * @param {boolean} several whether there are others, so that its caption tells which it is
 * @param {(column: number) => void} sort
 */
function makeTable({ caption, columns, values }, several, sort) {
  const headings = columns.map(({ label, number, hint }, at) =>
    element(
      "th",
      { scope: "col", class: number ? "pw-right" : "", title: hint ?? false },
      values ? button(label, () => sort(at), { class: "pw-button pw-panel-sort" }) : label,
    ),
  );
  // Long ones are scrolled within the panel, by keys too.
  return element(
    "div",
    { class: "pw-panel-scroll", role: "group", "aria-label": caption, tabindex: "0" },
    element(
      "table",
      {},
      element("caption", { class: several ? "" : "pw-unseen" }, caption),
      element("thead", {}, element("tr", {}, ...headings)),
      element("tbody"),
    ),
  );
}

/**
 * @param {HTMLElement} body
 * @param {PanelTable["columns"]} columns
 * @param {PanelTable["rows"]} rows
 */
function fillRows(body, columns, rows) {
  matchChildren(body, rows.length, () =>
    element(
      "tr",
      {},
      ...columns.map(({ number }, at) =>
        at === 0
          ? element("th", { scope: "row" }, element("span"))
          : element("td", { class: number ? "pw-right" : "" }, element("span")),
      ),
    ),
  );
  for (const [at, cells] of rows.entries()) {
    const line = /** @type {HTMLElement} */ (body.children[at]);
    for (const [place, cell] of cells.entries()) {
      mark(/** @type {HTMLElement} */ (line.children[place]?.firstElementChild), cell);
    }
  }
}

/**
 * @param {HTMLElement} target
 * @param {PanelCell} cell
 */
function mark(target, cell) {
  setText(target, typeof cell === "string" ? cell : cell.text);
  setAttribute(target, "data-level", typeof cell === "string" ? null : cell.level);
}

/**
 * @param {HTMLElement} parent
 * @param {number} count
 * @param {() => HTMLElement} make
 */
function matchChildren(parent, count, make) {
  while (parent.childElementCount > count) {
    parent.lastElementChild?.remove();
  }
  while (parent.childElementCount < count) {
    parent.append(make());
  }
}
