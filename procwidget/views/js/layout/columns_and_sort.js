/**
 * Which columns one view shows, in which order and width, and what it is sorted by. It does what the user asks of the
 * headings and of the menu "Columns", tells the grid, and keeps the choices for the model's next view. The functions
 * at the end say, without side effects, what follows from each choice.
 */

import { columnsFor, EVERY } from "../table/columns.js";
import { NARROW } from "../table/widths.js";
import { ColumnMenu } from "./column_menu.js";
import { CpuShare, withCpuShare } from "./cpu_share.js";

/** @import { Shown } from "../rows/listing.js" */
/** @import { Grid } from "../table/grid.js" */
/** @import { CpuChoice } from "./cpu_share.js" */
/** @import { SortKey } from "../types.js" */

/**
 * @typedef {object} Arrangement
 * @property {SortKey[]} sort the first counts most; one or two
 * @property {string[] | null} columns keys of those shown, in order; null while nobody chose
 * @property {Record<string, number>} widths pixels by key
 */

/** In a tree or groups the name column is wider, and other columns need so many pixels more to be shown. */
const ROOMY = { width: "minmax(180px, 3fr)", narrow: "minmax(120px, 1fr)" };
const TAKEN = 130;

const USUAL = EVERY.map(({ key }) => key);

export class ColumnsAndSort {
  /**
   * @param {Arrangement & CpuChoice & Pick<Shown, "kind">} choices
   * @param {string} sortBy
   * @param {() => void} changed called when rows may have to be in another order
   */
  constructor(choices, sortBy, changed) {
    this.choices = choices;
    this.sortBy = sortBy;
    this.changed = changed;
    /** @type {Grid | null} */
    this.grid = null;
    this.menu = new ColumnMenu(EVERY, () => this.#keys(), {
      toggle: (key) => this.#choose(toggled(this.#keys(), key, USUAL)),
      move: (key, step) => this.#choose(moved(this.#keys(), key, this.#keys().indexOf(key) + step)),
      reset: () => {
        this.choices.widths = {};
        this.#choose(null);
      },
    });
    this.menu.list.after(
      new CpuShare(choices, () => {
        this.apply();
        this.changed();
      }).element,
    );
    this.callbacks = {
      sort: (/** @type {string} */ key, second = false) => this.#sort(key, second),
      resize: (/** @type {string} */ key, /** @type {number | null} */ width) => this.#resize(key, width),
      move: (/** @type {string} */ key, /** @type {number} */ to) => this.#choose(moved(this.#keys(), key, to)),
    };
  }

  /** The columns that were chosen, or the usual ones. */
  get columns() {
    const columns = withCpuShare(columnsFor(this.sortBy, this.choices.columns), this.choices);
    if (this.choices.kind === "list") {
      return columns;
    }
    // In the treegrid pattern the cell that opens and closes a row comes first.
    const name = EVERY.filter(({ key }) => key === "name").map((column) => ({ ...column, ...ROOMY }));
    const others = columns.filter(({ key }) => key !== "name");
    if (this.choices.columns) {
      return [...name, ...others];
    }
    // Most rows of apps are processes, which have a PID; a group has none, so there that column is hidden first.
    return [
      ...name,
      ...others.map((column) => {
        const from = column.key === "pid" ? NARROW : column.from;
        return { ...column, from: from && from + TAKEN };
      }),
    ];
  }

  /** @param {Grid} grid whose columns these are */
  attach(grid) {
    this.grid = grid;
    this.apply();
  }

  #keys() {
    return (this.grid?.columns ?? []).filter(({ fixed }) => !fixed).map(({ key }) => key);
  }

  /** @param {string[] | null} keys */
  #choose(keys) {
    this.choices.columns = keys;
    this.apply();
  }

  /**
   * Show these columns, as Python asks.
   * @param {string[] | null} keys null for the usual ones
   */
  setColumns(keys) {
    this.#choose(keys);
    this.changed();
  }

  /**
   * Sort by this column alone, figures from the largest on, as Python asks.
   * @param {string} key
   */
  setSort(key) {
    const numeric = EVERY.find((one) => one.key === key)?.numeric ?? false;
    this.choices.sort = [{ key, descending: numeric }];
    this.grid?.setSort(this.choices.sort);
    this.changed();
  }

  /** Give the grid the columns and the sort keys that are chosen now. */
  applyAll() {
    this.apply();
    this.grid?.setSort(this.choices.sort);
  }

  /** Give the grid the columns that are chosen now. */
  apply() {
    this.grid?.setColumns(this.columns, this.choices.widths);
    this.menu.refresh();
  }

  /**
   * @param {string} key
   * @param {number | null} width null for the usual one
   */
  #resize(key, width) {
    const { [key]: _, ...others } = this.choices.widths;
    this.choices.widths = width === null ? others : { ...others, [key]: width };
    this.apply();
  }

  /**
   * @param {string} key
   * @param {boolean} second
   */
  #sort(key, second) {
    const column = EVERY.find((one) => one.key === key);
    if (column) {
      this.choices.sort = sorted(this.choices.sort, column, second);
      this.grid?.setSort(this.choices.sort);
      this.changed();
    }
  }
}

/**
 * The sort keys after a column was chosen. Choosing the same one again reverses it.
 * @param {SortKey[]} sort
 * @param {{ key: string, numeric: boolean }} column figures begin with the largest
 * @param {boolean} second whether it is the second key, for what the first leaves equal; a third choice removes it
 * @returns {SortKey[]}
 */
export function sorted(sort, { key, numeric }, second) {
  const [first, other] = sort;
  const rest = other ? [other] : [];
  if (first === undefined || first.key === key) {
    return [{ key, descending: first ? !first.descending : numeric }, ...rest];
  }
  if (!second) {
    return [{ key, descending: numeric }];
  }
  if (other?.key !== key) {
    return [first, { key, descending: numeric }];
  }
  return other.descending === numeric ? [first, { key, descending: !numeric }] : [first];
}

/**
 * The column keys after one of them was moved.
 * @param {string[]} keys those shown, in order
 * @param {string} key
 * @param {number} to its new place, from 0, kept within the edges
 */
export function moved(keys, key, to) {
  const rest = keys.filter((one) => one !== key);
  if (rest.length === keys.length) {
    return keys;
  }
  const place = Math.max(0, Math.min(rest.length, to));
  return [...rest.slice(0, place), key, ...rest.slice(place)];
}

/**
 * The column keys after one was shown or hidden; the last one cannot be hidden.
 * @param {string[]} keys those shown, in order
 * @param {string} key
 * @param {string[]} usual all keys in their usual order, which decides where a newly shown one is put
 */
export function toggled(keys, key, usual) {
  if (keys.includes(key)) {
    return keys.length > 1 ? keys.filter((one) => one !== key) : keys;
  }
  const before = new Set(usual.slice(0, usual.indexOf(key)));
  const place = keys.reduce((last, one, at) => (before.has(one) ? at + 1 : last), 0);
  return moved([...keys, key], key, place);
}
