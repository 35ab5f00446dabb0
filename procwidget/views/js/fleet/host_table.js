/**
 * The table of hosts. Only the rows in sight are elements, so a thousand hosts cost what thirty do. The worst come first,
 * under the name of their state, until a heading is clicked; a click on a row, or Enter, opens its host.
 */

import { element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { BY_NAME, HOST_COLUMNS, hintOf, MARKS, STATES } from "./rows.js";

/** @import { Host, HostColumn } from "./rows.js" */

/** @typedef {{ host: Host, heading?: undefined } | { heading: string, host?: undefined }} Item */

const ROW = 28;
const MOST_IN_SIGHT = 14;
const BEYOND = 4;

export class HostTable {
  /** @param {(host: string) => void} open called with the host to open */
  constructor(open) {
    this.open = open;
    /** @type {Item[]} */
    this.items = [];
    /** @type {Host[]} */
    this.hosts = [];
    this.openHost = "";
    this.grouped = true;
    this.focused = "";
    /** @type {{ key: string, falls: boolean } | null} */
    this.sort = null;
    this.columns = HOST_COLUMNS;
    this.headings = HOST_COLUMNS.map((column) => this.#heading(column));
    this.head = element("div", { role: "row", class: "pw-host-row pw-host-head" }, ...this.headings);
    this.space = element("div", { class: "pw-host-space", role: "rowgroup" });
    this.scroller = element("div", { class: "pw-host-scroller" }, this.space);
    this.grid = element("div", { role: "grid", "aria-label": "Hosts" }, this.head, this.scroller);
    this.nothing = element("div", { class: "pw-host-nothing", hidden: true }, "No host matches.");
    this.element = element("div", { class: "pw-host-table" }, this.grid, this.nothing);
    /** @type {HTMLElement[]} */
    this.rows = [];
    this.scroller.addEventListener("scroll", () => this.#draw());
    this.space.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[data-host]") : null;
      if (row instanceof HTMLElement && row.dataset["host"]) {
        this.focused = row.dataset["host"];
        this.open(row.dataset["host"]);
      }
    });
    this.space.addEventListener("focusin", ({ target }) => {
      this.focused = (target instanceof HTMLElement && target.dataset["host"]) || this.focused;
    });
    this.space.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  /**
   * @param {Host[]} hosts those to show, the worst first
   * @param {string} open the host that is open
   * @param {boolean} grouped whether the names of states stand between them
   */
  show(hosts, open, grouped) {
    this.hosts = hosts;
    this.openHost = open;
    this.grouped = grouped;
    this.#list();
  }

  #list() {
    const { sort } = this;
    const column = sort && HOST_COLUMNS.find(({ key }) => key === sort.key);
    if (sort && column) {
      const factor = sort.falls ? -1 : 1;
      const sorted = [...this.hosts].sort((one, other) => factor * compare(column.order(one), column.order(other)));
      this.items = sorted.map((host) => ({ host }));
    } else {
      this.items = [];
      let state = "";
      for (const host of this.hosts) {
        if (this.grouped && host.state !== state) {
          state = host.state;
          const many = this.hosts.filter((one) => one.state === host.state).length;
          this.items.push({ heading: `${STATES[host.state]} (${many})` });
        }
        this.items.push({ host });
      }
    }
    this.space.style.height = `${this.items.length * ROW}px`;
    this.scroller.style.height = `${Math.min(MOST_IN_SIGHT, Math.max(1, this.items.length)) * ROW}px`;
    setAttribute(this.element, "data-scrolls", this.items.length > MOST_IN_SIGHT ? "true" : null);
    setAttribute(this.grid, "aria-rowcount", String(this.items.length + 1));
    setHidden(this.nothing, this.items.length > 0);
    setHidden(this.scroller, this.items.length === 0);
    this.#draw();
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - BEYOND);
    const count = Math.min(MOST_IN_SIGHT + 2 * BEYOND, this.items.length - first);
    while (this.rows.length < count) {
      const row = this.#row();
      this.rows.push(row);
      this.space.append(row);
    }
    const held = this.rows.includes(/** @type {HTMLElement} */ (document.activeElement));
    for (const [at, row] of this.rows.entries()) {
      const item = at < count ? this.items[first + at] : undefined;
      setHidden(row, item === undefined);
      if (item) {
        this.#fill(row, item, first + at);
      }
    }
    if (held) {
      // Rows show other hosts as these change places: the focus goes with its host.
      this.#rowOf(this.focused)?.focus({ preventScroll: true });
    }
  }

  /** @param {string} name */
  #rowOf(name) {
    return this.rows.find((row) => row.dataset["host"] === name && !row.hidden);
  }

  #row() {
    return element(
      "div",
      { role: "row", class: "pw-host-row", tabindex: "-1" },
      ...HOST_COLUMNS.map(({ key, numeric }) =>
        element("div", { role: "gridcell", class: numeric ? "pw-right" : "", "data-column": key }),
      ),
    );
  }

  /**
   * @param {HTMLElement} row
   * @param {Item} item
   * @param {number} place
   */
  #fill(row, item, place) {
    row.style.transform = `translateY(${place * ROW}px)`;
    setAttribute(row, "aria-rowindex", String(place + 2));
    const { host } = item;
    setAttribute(row, "data-host", host ? host.host : null);
    setAttribute(row, "data-heading", host ? null : "true");
    setAttribute(row, "data-state", host ? host.state : null);
    setAttribute(row, "aria-selected", host ? String(host.host === this.openHost) : null);
    setAttribute(row, "title", host ? hintOf(host) : null);
    const focusable = host && (this.focused ? host.host === this.focused : place === this.#firstHost());
    setAttribute(row, "tabindex", focusable ? "0" : "-1");
    for (const [at, column] of HOST_COLUMNS.entries()) {
      const cell = /** @type {HTMLElement} */ (row.children[at]);
      if (!host) {
        setText(cell, at === 0 ? item.heading : "");
        cell.style.removeProperty("--pw-bar");
        continue;
      }
      setText(cell, at === 0 ? `${MARKS[host.state]} ${host.host}` : column.text(host));
      if (column.bar) {
        cell.style.setProperty("--pw-bar", `${Math.round(100 * Math.min(1, column.bar(host)))}%`);
      }
    }
  }

  #firstHost() {
    return this.items.findIndex(({ host }) => host !== undefined);
  }

  /** @param {HostColumn} column */
  #heading(column) {
    const made = element(
      "div",
      {
        role: "columnheader",
        class: column.numeric ? "pw-right" : "",
        "data-column": column.key,
        "aria-sort": "none",
      },
      element("button", { type: "button" }, column.label),
    );
    made.addEventListener("click", () => {
      const falls = column.numeric;
      const { sort } = this;
      // A third click is the order of trouble again.
      this.sort =
        sort?.key !== column.key
          ? { key: column.key, falls }
          : sort.falls === falls
            ? { key: column.key, falls: !falls }
            : null;
      for (const heading of this.headings) {
        const mine = this.sort?.key === heading.dataset["column"];
        setAttribute(heading, "aria-sort", !mine ? "none" : this.sort?.falls ? "descending" : "ascending");
      }
      this.#list();
    });
    return made;
  }

  /**
   * Have the focus on a host's row, scrolled into sight.
   * @param {string} name
   */
  focus(name) {
    const place = this.items.findIndex(({ host }) => host?.host === name);
    if (place < 0) {
      return;
    }
    this.focused = name;
    const { scrollTop, clientHeight } = this.scroller;
    if (place * ROW < scrollTop) {
      this.scroller.scrollTop = place * ROW;
    } else if ((place + 1) * ROW > scrollTop + clientHeight) {
      this.scroller.scrollTop = (place + 1) * ROW - clientHeight;
    }
    this.#draw();
    this.#rowOf(name)?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const hosts = this.items.flatMap(({ host }) => host ?? []);
    const at = hosts.findIndex(({ host }) => host === this.focused);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: hosts.length - 1,
      PageDown: at + 10,
      PageUp: at - 10,
    };
    const to = moves[event.key];
    if (event.key === "Enter" && this.focused) {
      this.open(this.focused);
    } else if (to !== undefined && hosts.length > 0) {
      const host = /** @type {Host} */ (hosts[Math.max(0, Math.min(hosts.length - 1, to))]);
      this.focus(host.host);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Show the columns that there is room for. */
  #fit() {
    const width = this.element.clientWidth;
    const shown = HOST_COLUMNS.map(({ from }) => width >= from);
    const tracks = HOST_COLUMNS.filter((_, at) => shown[at]).map((column) => column.width);
    this.element.style.setProperty("--pw-host-tracks", tracks.join(" "));
    setAttribute(
      this.element,
      "data-without",
      HOST_COLUMNS.flatMap(({ key }, at) => (shown[at] ? [] : [key])).join(" "),
    );
  }
}

/**
 * Unknown comes last, whichever way.
 * @param {string | number | null} one
 * @param {string | number | null} other
 */
function compare(one, other) {
  if (one === null || other === null) {
    return one === other ? 0 : one === null ? -1 : 1;
  }
  return typeof one === "string" || typeof other === "string"
    ? BY_NAME.compare(String(one), String(other))
    : one - other;
}
