/**
 * Which processes are selected: rows enter, by hand or because they ended, and whoever follows is told of each change.
 * Rows are kept by identity, whatever the order, the filter and the next frame do. One for all views of a model on a
 * page, for Python has one as well.
 */

import { Emitter } from "../ui/emitter.js";

/** @import { Row } from "../types.js" */

/** How many processes can be selected; Python takes no more. */
export const MOST = 500;

/** Emits after every change. */
export class Selection extends Emitter {
  constructor() {
    super();
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    /** Where a range begins. @type {Row | null} */
    this.anchor = null;
  }

  get size() {
    return this.rows.size;
  }

  /**
   * Whether a process is selected, or of a group all that have not ended.
   * @param {Row} row
   */
  has({ identity, group }) {
    if (group === null || this.size === 0) {
      return this.rows.has(identity);
    }
    const living = group.filter(({ ended }) => !ended);
    return living.length > 0 && living.every((row) => this.rows.has(row.identity));
  }

  /**
   * Whether any process of a group is selected.
   * @param {Row} row
   */
  hasSome({ group }) {
    return group !== null && this.size > 0 && group.some((row) => this.rows.has(row.identity));
  }

  /**
   * Select rows, or take them out, a group with all that is in it. What ended is no process; the first 500 are taken.
   * @param {Iterable<Row>} rows
   * @param {boolean} on
   */
  set(rows, on) {
    let changed = false;
    for (const row of [...rows].flatMap((one) => one.group ?? one)) {
      if (!on) {
        changed = this.rows.delete(row.identity) || changed;
      } else if (!this.has(row) && !row.ended && this.size < MOST) {
        this.rows.set(row.identity, row);
        changed = true;
      }
    }
    if (changed) {
      this.emit();
    }
  }

  /**
   * Select or take out one row, or with `range` all in a list from the last one so treated up to it.
   * @param {Row} row
   * @param {Row[]} list
   * @param {boolean} range
   * @param {boolean} [on] the other than now unless given
   */
  pick(row, list, range, on = !this.has(row)) {
    const from = range && this.anchor ? list.indexOf(this.anchor) : -1;
    const to = list.indexOf(row);
    this.anchor = row;
    this.set(from < 0 || to < 0 ? [row] : list.slice(Math.min(from, to), Math.max(from, to) + 1), on);
  }

  clear() {
    this.set([...this.rows.values()], false);
  }

  /** Let go of what ended. */
  dropEnded() {
    this.set(
      [...this.rows.values()].filter(({ ended }) => ended),
      false,
    );
  }
}

/**
 * A process and all that descend from it, itself first.
 * @param {Iterable<Row>} rows
 * @param {Row} root
 * @returns {Row[]}
 */
export function subtree(rows, root) {
  /** @type {Map<number, Row[]>} */
  const children = new Map();
  for (const row of rows) {
    if (row.ppid !== null && row.ppid !== row.pid) {
      const siblings = children.get(row.ppid);
      if (siblings) {
        siblings.push(row);
      } else {
        children.set(row.ppid, [row]);
      }
    }
  }
  const found = new Set([root]);
  for (const one of found) {
    // A set takes nobody twice, so parents that are each other's end this as well.
    children.get(one.pid)?.forEach((child) => found.add(child));
  }
  return [...found];
}
