/**
 * One view's columns and sort keys: callbacks of the grid and of the menu enter, the grid is told, and the choices are
 * kept for the model's next view.
 */

import { moved, sorted, toggled } from "./arrangement.js";
import { ColumnMenu } from "./column_menu.js";
import { columnsFor, EVERY } from "../table/columns.js";
import { NARROW } from "../table/widths.js";

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Grid } from "../table/grid.js" */
/** @import { Shown } from "../rows/listing.js" */

/** A name with its depth and what it stands for beside it takes more room, and so many pixels of that from others. */
const ROOMY = { width: "minmax(180px, 3fr)", narrow: "minmax(120px, 1fr)" };
const TAKEN = 130;

const USUAL = EVERY.map(({ key }) => key);

export class Arranger {
  /**
   * @param {Arrangement & Pick<Shown, "kind">} choices
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
    this.callbacks = {
      sort: (/** @type {string} */ key, second = false) => this.#sort(key, second),
      resize: (/** @type {string} */ key, /** @type {number | null} */ width) => this.#resize(key, width),
      move: (/** @type {string} */ key, /** @type {number} */ to) => this.#choose(moved(this.#keys(), key, to)),
    };
  }

  /** The columns that were chosen, or the usual ones. */
  get columns() {
    const columns = columnsFor(this.sortBy, this.choices.columns);
    if (this.choices.kind === "list") {
      return columns;
    }
    // What opens and closes comes first in a row, as the treegrid pattern has it.
    const name = EVERY.filter(({ key }) => key === "name").map((column) => ({ ...column, ...ROOMY }));
    const others = columns.filter(({ key }) => key !== "name");
    if (this.choices.columns) {
      return [...name, ...others];
    }
    // A group has no PID: that goes first where there is little room.
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

  /** Have the columns that are chosen by now. */
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
