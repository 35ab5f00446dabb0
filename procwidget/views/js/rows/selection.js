/**
 * The selected processes, kept by identity, so that sorting, filtering and new frames do not change the selection. One
 * for all views of a model on a page, for Python sees one as well.
 */

import { Emitter } from "../ui/emitter.js";

/** @import { Row } from "../types.js" */

/** The most processes that can be selected; Python takes no more. */
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
   * Whether a process is selected; for a group, whether all its living processes are.
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
   * Select or deselect rows; a group stands for all its processes. Ended ones are left out, and so is what exceeds 500.
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
   * Select or deselect one row, or with `range` all in a list from the row picked before up to this one.
   * @param {Row} row
   * @param {Row[]} list
   * @param {boolean} range
   * @param {boolean} [on] the opposite of its present state unless given
   */
  pick(row, list, range, on = !this.has(row)) {
    const from = range && this.anchor ? list.indexOf(this.anchor) : -1;
    const to = list.indexOf(row);
    this.anchor = row;
    this.set(from < 0 || to < 0 ? [row] : list.slice(Math.min(from, to), Math.max(from, to) + 1), on);
  }

  /**
   * Select these and no others; a group stands for all its processes.
   * @param {Row[]} rows
   */
  only(rows) {
    const wanted = rows.flatMap((one) => one.group ?? one).filter(({ ended }) => !ended);
    this.anchor = rows[0] ?? null;
    const kept = wanted.slice(0, MOST);
    if (kept.length !== this.size || kept.some(({ identity }) => !this.rows.has(identity))) {
      this.rows = new Map(kept.map((row) => [row.identity, row]));
      this.emit();
    }
  }

  clear() {
    this.set([...this.rows.values()], false);
  }

  /** Deselect processes that ended. */
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
    // A set holds each row once, so this ends even if two processes are each other's parent.
    children.get(one.pid)?.forEach((child) => found.add(child));
  }
  return [...found];
}
