/**
 * The table on the page: a virtual, accessible grid. Only lines near the visible ones are in the document, in their
 * order on the page. The focused cell is kept by row and column, so the focus stays with its process wherever that
 * moves.
 */

import { element, setAttribute, setText } from "../ui/dom.js";
import { END_COLUMN } from "./columns.js";
import { listen } from "./grid_input.js";
import { headings, showSort } from "./header.js";
import { Hold } from "./hold.js";
import { FEW, LINE_HEIGHT, OVERSCAN, RowElements, rowsToRender } from "./row_elements.js";
import { columnWidths } from "./widths.js";

/** @import { Place, Row, Scene, SortKey } from "../types.js" */
/** @import { Column } from "./columns.js" */

const HEADER_HEIGHT = 26;

/**
 * @typedef {object} Callbacks
 * @property {(key: string, second: boolean) => void} sort
 * @property {(key: string, width: number | null) => void} resize
 * @property {(key: string, to: number) => void} move
 * @property {(row: Row) => void} end
 * @property {(row: Row, open: boolean) => void} setOpen called to show or hide what is under it
 * @property {(open: boolean) => void} setAllOpen
 * @property {(row: Row) => void} pin called to keep it at the top, or to stop that
 * @property {(row: Row) => void} follow called to keep it visible, or to stop that
 * @property {() => boolean} [endSelected] called to end what is selected; returns whether anything is
 * @property {(row: Row) => void} open called to show the details of one
 * @property {(row: Row, range: boolean) => void} [select] called to select or deselect
 * @property {(row: Row, also: boolean, range: boolean) => void} [pick] called to select one alone, `also` with what is
 *   selected, or with all between
 * @property {(row: Row, at: { x: number, y: number } | null) => void} [menu] called to offer what can be done with one,
 *   at a place in the window or, with null, at the active cell
 * @property {(step: number) => void} [next] called to go to the next row that matches, or to the one before
 * @property {(row: Row) => void} [copy] called to copy it as text
 * @property {() => void} hold called when the order becomes held or free
 */

export class Grid {
  /**
   * @param {Column[]} columns
   * @param {number} rows visible lines
   * @param {boolean} actions whether there are buttons to end processes
   * @param {SortKey[]} sort
   * @param {Callbacks} callbacks
   * @param {Column[]} [leading] columns that always come first
   */
  constructor(columns, rows, actions, sort, callbacks, leading = []) {
    this.leading = leading;
    /** @type {Column[]} */
    this.all = [];
    this.actions = actions;
    this.sort = sort;
    this.callbacks = callbacks;
    this.rows = rows;
    /** How many of these are under the panel of details. */
    this.covered = 0;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Row[]} */
    this.list = [];
    /** Where rows are in a tree or among groups; null in a plain list. @type {Map<Row, Place> | null} */
    this.places = null;
    /** @type {Scene | null} */
    this.scene = null;
    /** Pixels by column, where a user chose them. @type {Record<string, number>} */
    this.widths = {};
    this.width = Infinity;
    /** The cell that Tab leads to; its row is null in the header. @type {{ row: Row | null, column: string }} */
    this.active = { row: null, column: columns[0]?.key ?? "" };
    /** @type {Row | null} the row that a dialog is about, which stays in the document */
    this.dialogRow = null;
    this.hold = new Hold(() => {
      setAttribute(this.element, "data-held", this.held ? "" : null);
      this.callbacks.hold();
    });
    this.head = element("div", { role: "row", class: "pw-row pw-head", "aria-rowindex": "1" });
    this.body = element("div", { role: "rowgroup", class: "pw-body" });
    this.lines = new RowElements(this.body);
    this.empty = element("div", { class: "pw-empty", hidden: true });
    const header = element("div", { role: "rowgroup", class: "pw-headgroup" }, this.head);
    this.scroller = element("div", { class: "pw-scroll" }, header, this.body, this.empty);
    this.scroller.style.setProperty("--pw-height", `${rows * LINE_HEIGHT + HEADER_HEIGHT}px`);
    this.element = element("div", { role: "grid", "aria-label": "Processes", class: "pw-grid" }, this.scroller);
    listen(this);
    this.setColumns(columns, this.widths);
  }

  /** Whether the order is held. */
  get held() {
    return this.hold.on;
  }

  /** Indices of the first and last visible row. */
  get visibleRange() {
    const first = Math.floor(this.scroller.scrollTop / LINE_HEIGHT);
    return { first, last: first + this.rows };
  }

  /**
   * Use these columns, in this order.
   * @param {Column[]} columns
   * @param {Record<string, number>} widths
   */
  setColumns(columns, widths) {
    this.all = [...this.leading, ...columns, ...(this.actions ? [END_COLUMN] : [])];
    this.widths = widths;
    this.fit(this.width);
  }

  /**
   * Show as many columns as a width has room for.
   * @param {number} width pixels
   */
  fit(width) {
    this.width = width;
    const columns = this.all.filter((column) => width >= column.from);
    const { template: sizes, least } = columnWidths(columns, width, this.widths);
    this.element.style.setProperty("--pw-tracks", sizes);
    this.element.style.setProperty("--pw-least", `${least}px`);
    setAttribute(this.element, "aria-colcount", String(this.all.length));
    const headed = (/** @type {Column[]} */ list) => list.map(({ key, label }) => `${key} ${label}`).join("\n");
    if (headed(columns) === headed(this.columns)) {
      return;
    }
    this.columns = columns;
    const focused = this.element.contains(document.activeElement);
    this.head.replaceChildren(...headings(columns, this.all));
    this.lines.setColumns(
      columns,
      columns.map((column) => this.all.indexOf(column) + 1),
    );
    if (!this.columnKeys().includes(this.active.column)) {
      this.active.column = columns[0]?.key ?? "";
    }
    showSort(this.head, this.sort);
    this.render();
    if (focused) {
      this.target()?.focus();
    }
  }

  /** Count the lines that there is room for, where the page decides how high the table is. */
  fitHeight() {
    const rows = Math.floor((this.scroller.clientHeight - HEADER_HEIGHT) / LINE_HEIGHT);
    if (rows > 0 && rows !== this.rows) {
      this.rows = rows;
      this.render();
    }
  }

  /** The keys of the columns shown, including that of the button. */
  columnKeys() {
    return this.columns.map(({ key }) => key);
  }

  /**
   * Show a list of rows.
   * @param {Row[]} list
   * @param {Scene} scene
   * @param {number} [above] how many rows were removed above the visible ones since the last list
   * @param {Map<Row, Place> | null} [places] where each is, when they are no plain list
   */
  show(list, scene, above = 0, places = null) {
    // Asked before anything is written, as it costs a layout after that.
    const { first } = this.visibleRange;
    const { row } = this.active;
    const focused = this.body.contains(document.activeElement);
    if (row && !list.includes(row)) {
      const place = Math.min(this.list.indexOf(row), list.length - 1);
      this.active = { ...this.active, row: list[place] ?? null };
    }
    this.list = list;
    this.scene = scene;
    if ((places === null) !== (this.places === null)) {
      setAttribute(this.element, "role", places ? "treegrid" : "grid");
    }
    this.places = places;
    this.body.style.height = `${list.length * LINE_HEIGHT}px`;
    setAttribute(this.element, "aria-rowcount", String(list.length + 1));
    if (above > 0) {
      this.scroller.scrollTop -= above * LINE_HEIGHT;
    }
    const top = Math.max(0, Math.min(first - above, list.length - this.rows));
    this.render({ first: top, last: top + this.rows }, FEW);
    const { activeElement } = document;
    if (
      focused &&
      !(activeElement && this.body.contains(activeElement) && this.lines.rowAt(activeElement) === this.active.row)
    ) {
      // A line that is moved in the document loses the focus, and one that is reused takes it to another row.
      this.target()?.focus({ preventScroll: true });
    }
  }

  /**
   * Note how much of the rows something lies over.
   * @param {number} pixels from the lower edge
   */
  cover(pixels) {
    this.covered = Math.min(this.rows - 1, Math.ceil(pixels / LINE_HEIGHT));
  }

  /** @param {SortKey[]} sort */
  setSort(sort) {
    this.sort = sort;
    showSort(this.head, sort);
  }

  /**
   * Keep a row in the document, and hold the order, while a dialog or menu is about it; null ends that.
   * @param {Row | null} row
   */
  setDialogRow(row) {
    this.dialogRow = row;
    this.hold.keep(row !== null);
  }

  /**
   * Say why there are no rows; "" when there are.
   * @param {string} text
   */
  showMessage(text) {
    setText(this.empty, text);
    setAttribute(this.empty, "hidden", text === "" ? "" : null);
  }

  /**
   * Update the lines in the document from the list, the scene and the scroll position.
   * @param {{ first: number, last: number }} [range] indices of the first and last visible row
   * @param {number} [beyond] how many lines more at either edge
   */
  render(range = this.visibleRange, beyond = OVERSCAN) {
    const { scene, list } = this;
    if (scene === null) {
      return;
    }
    const wanted = rowsToRender(list, range, beyond, [this.active.row, this.dialogRow]);
    this.lines.show(wanted, scene, this.places);
    this.updateTabStop();
  }

  /**
   * Make a cell the one that Tab leads to, and with `focus` focus it.
   * @param {Row | null} row null is the header
   * @param {string} column
   * @param {boolean} [focus]
   */
  activate(row, column, focus = false) {
    const index = row ? this.list.indexOf(row) : -1;
    this.active = { row: index < 0 ? null : row, column };
    if (focus && index >= 0) {
      this.hold.touch("key");
      this.reveal(index);
    } else if (focus) {
      this.hold.release();
    }
    this.render();
    if (focus) {
      this.target()?.focus();
    }
  }

  /**
   * Note that a cell has got the focus, by a click or by Tab.
   * @param {Row | null} row null is the header
   * @param {string} column
   */
  cellFocused(row, column) {
    this.active = { row, column };
    this.updateTabStop();
  }

  /** The element of the active cell that takes the focus. */
  target() {
    const at = this.columnKeys().indexOf(this.active.column);
    if (this.active.row === null) {
      const heading = /** @type {HTMLElement | undefined} */ (this.head.children[at]);
      return heading?.querySelector("input") ?? heading ?? null;
    }
    return this.lines.byRow.get(this.active.row)?.target(at) ?? null;
  }

  /**
   * Scroll as little as needed to make a row visible.
   * @param {number} index
   */
  reveal(index) {
    const { scroller } = this;
    const top = index * LINE_HEIGHT;
    const room = (this.rows - this.covered) * LINE_HEIGHT;
    if (top < scroller.scrollTop) {
      scroller.scrollTop = top;
    } else if (top + LINE_HEIGHT > scroller.scrollTop + room) {
      scroller.scrollTop = top + LINE_HEIGHT - room;
    }
  }

  /** Let Tab lead to the active cell, and to no other. */
  updateTabStop() {
    const target = this.target();
    for (const other of this.element.querySelectorAll('[tabindex="0"]')) {
      if (other !== target) {
        other.setAttribute("tabindex", "-1");
      }
    }
    if (target) {
      setAttribute(target, "tabindex", "0");
    }
  }
}
