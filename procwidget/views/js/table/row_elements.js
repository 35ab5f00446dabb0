/**
 * Keeps elements in the document only for the rows that are visible or nearly so. A row keeps its element while it is
 * near the visible range. Elements are reused, and moved as seldom as possible, because moving costs the browser more
 * than all that is written into them.
 */

import { RowElement } from "./row_element.js";

/** @import { Place, Row, Scene } from "../types.js" */
/** @import { Column } from "./columns.js" */

export const LINE_HEIGHT = 24;

/** Rows rendered beyond either edge of the visible range, so that scrolling finds them there. */
export const OVERSCAN = 6;

/** The same after a reading: most tables are not scrolled until the next one, and unseen rows cost as much. */
export const FEW = 2;

/**
 * @param {Row[]} list
 * @param {{ first: number, last: number }} visibleRange indices of the first and last row in visibleRange
 * @param {number} beyond how many rows more at either edge
 * @param {Iterable<Row | null>} stay rows that stay in the document wherever they are
 * @returns {{ row: Row, index: number }[]} in the order of the list
 */
export function rowsToRender(list, { first, last }, beyond, stay) {
  const from = Math.max(0, first - beyond);
  const wanted = list.slice(from, last + beyond + 1).map((row, at) => ({ row, index: from + at }));
  const end = from + wanted.length;
  for (const row of new Set(stay)) {
    const index = row ? list.indexOf(row) : -1;
    if (row && index >= 0 && (index < from || index >= end)) {
      wanted.push({ row, index });
      wanted.sort((a, b) => a.index - b.index);
    }
  }
  return wanted;
}

export class RowElements {
  /** @param {HTMLElement} body */
  constructor(body) {
    this.body = body;
    /** @type {Map<Row, RowElement>} */
    this.byRow = new Map();
    /** Those that show no row now, by their elements. @type {Map<Node, RowElement>} */
    this.spare = new Map();
    /** @type {Column[]} */
    this.columns = [];
    /** @type {number[]} */
    this.places = [];
  }

  /**
   * Change the columns, which takes new elements.
   * @param {Column[]} columns
   * @param {number[]} places of these among all columns, from 1
   */
  setColumns(columns, places) {
    this.columns = columns;
    this.places = places;
    this.body.replaceChildren();
    this.byRow.clear();
    this.spare.clear();
  }

  /**
   * Show these rows, and no others.
   * @param {{ row: Row, index: number }[]} wanted in the order of the list
   * @param {Scene} scene
   * @param {Map<Row, Place> | null} places
   */
  show(wanted, scene, places) {
    const { body, byRow, spare } = this;
    const rows = new Set(wanted.map(({ row }) => row));
    for (const [row, line] of byRow) {
      if (!rows.has(row)) {
        byRow.delete(row);
        spare.set(line.element, line);
      }
    }
    let next = body.firstChild;
    for (const { row, index } of wanted) {
      const known = byRow.get(row);
      while (known && next && spare.has(next)) {
        next = next.nextSibling;
      }
      const line = known ?? this.#take(next) ?? new RowElement(this.columns, this.places);
      byRow.set(row, line);
      line.show(row, index, LINE_HEIGHT, scene, places?.get(row));
      if (line.element === next) {
        next = next.nextSibling;
      } else {
        body.insertBefore(line.element, next);
      }
    }
    for (const line of spare.values()) {
      line.element.remove();
    }
  }

  /**
   * The row whose element another element is in.
   * @param {Element} inside
   */
  rowAt(inside) {
    const element = inside.closest(".pw-body > .pw-row");
    for (const line of this.byRow.values()) {
      if (line.element === element) {
        return line.row;
      }
    }
    return null;
  }

  /**
   * Take a spare one, if possible that of a given element.
   * @param {Node | null} best
   */
  #take(best) {
    const [any] = this.spare.keys();
    const element = best && this.spare.has(best) ? best : any;
    const line = element && this.spare.get(element);
    if (element) {
      this.spare.delete(element);
    }
    return line;
  }
}
