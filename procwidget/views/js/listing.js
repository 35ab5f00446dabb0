/**
 * What the grid shows, from one reading to the next: rows, a filter and a user's choices enter, the list leaves, and in
 * a tree or in groups each row's place. While the order is held nothing in sight moves, and figures go on.
 */

import { EVERY } from "./columns.js";
import { groups } from "./groups.js";
import { arrange, hold } from "./order.js";
import { tree } from "./tree.js";

/** @import { Filter } from "./filter.js" */
/** @import { GroupKind } from "./groups.js" */
/** @import { Place, Row, SortKey, Totals } from "./types.js" */

/** @typedef {"list" | "tree" | GroupKind} Kind how the table is shown */

/**
 * @typedef {object} Shown
 * @property {SortKey[]} sort
 * @property {Kind} kind
 * @property {Set<string>} turned identities of rows that are not as rows of their kind are at first: open or closed
 * @property {Set<string>} pinned identities of rows that come first
 */

const EVERYTHING = { all: true, matches: () => true };

/** How rows are when nobody touched them: a tree is open; of groups one sees the totals first. */
const OPEN = { list: true, tree: true, user: false, name: false, session: false };

export class Listing {
  /** @param {Shown} choices */
  constructor(choices) {
    this.choices = choices;
    /** @type {Row[]} */
    this.list = [];
    /** @type {Map<Row, Place> | null} */
    this.places = null;
    /** How many processes match. */
    this.matching = 0;
    /** @type {Map<Row, number>} the order while it is held */
    this.ranks = new Map();
    /** @type {Map<string, Row>} */
    this.groups = new Map();
    /** While something is looked for all is open at first, and what was closed before stays so for later. */
    this.searching = false;
    /** @type {Set<string>} */
    this.turnedFound = new Set();
  }

  /**
   * @param {Iterable<Row>} rows
   * @param {Filter} filter
   * @param {{ first: number, last: number } | null} sight the rows that may not move, null when all may
   * @returns {number} how many rows above those in sight left
   */
  refresh(rows, filter, sight) {
    const { kind } = this.choices;
    this.#search(!filter.all);
    if (kind !== "list") {
      const shape = this.#shape(rows, filter, sight !== null);
      if (sight === null || this.places === null) {
        Object.assign(this, shape);
        return 0;
      }
      // Newcomers wait: anywhere but at the end they would move what is in sight.
      const { list, above } = hold(this.list, [], filter, sight.first, sight.last);
      const before = this.places;
      this.places = new Map();
      for (const row of list) {
        const place = shape.places.get(row) ?? before.get(row);
        if (place) {
          this.places.set(row, { ...place, open: before.get(row)?.open ?? place.open });
        }
      }
      this.list = list;
      return above;
    }
    let above = 0;
    if (sight && this.places === null) {
      ({ list: this.list, above } = hold(this.list, rows, filter, sight.first, sight.last));
    } else {
      this.list = this.#order([...rows].filter(filter.matches), EVERY);
      this.places = null;
    }
    this.matching = this.list.reduce((sum, row) => sum + (row.ended ? 0 : 1), 0);
    return above;
  }

  /**
   * Open or close a row; all others stay in the order they have.
   * @param {Row} row
   * @param {boolean} open
   */
  turn(row, open) {
    const usual = this.searching || OPEN[this.choices.kind];
    if (open === usual) {
      this.#turned().delete(row.identity);
    } else {
      this.#turned().add(row.identity);
    }
  }

  /**
   * Open or close every row.
   * @param {boolean} open
   */
  turnAll(open) {
    const turned = this.#turned();
    turned.clear();
    if (open !== (this.searching || OPEN[this.choices.kind])) {
      for (const row of [...this.ranks.keys(), ...this.groups.values()]) {
        turned.add(row.identity);
      }
    }
  }

  /**
   * Build the list anew in the order that it has.
   * @param {Iterable<Row>} rows
   * @param {Filter} filter
   */
  rebuild(rows, filter) {
    Object.assign(this, this.#shape(rows, filter, true));
  }

  /** @param {boolean} searching */
  #search(searching) {
    if (this.searching !== searching) {
      this.searching = searching;
      this.turnedFound.clear();
    }
  }

  #turned() {
    return this.searching ? this.turnedFound : this.choices.turned;
  }

  /**
   * @param {Iterable<Row>} rows
   * @param {Filter} filter
   * @param {boolean} held
   */
  #shape(rows, filter, held) {
    const all = [...rows];
    const { kind } = this.choices;
    const kept = filter.all ? all : all.filter(filter.matches);
    const turned = this.#turned();
    const usual = this.searching || OPEN[kind];
    const structure = {
      order: (/** @type {Row[]} */ some, /** @type {Map<Row, Totals>} */ totals) =>
        held ? this.#ranked(some) : this.#order(some, kind === "tree" ? byBranch(totals) : EVERY),
      open: (/** @type {Row} */ row) => turned.has(row.identity) !== usual,
    };
    this.matching = kept.reduce((sum, row) => sum + (row.ended ? 0 : 1), 0);
    if (!held) {
      this.ranks.clear();
    }
    return kind === "tree"
      ? tree(kept, all, structure)
      : groups(kept, all, /** @type {GroupKind} */ (kind), this.groups, structure);
  }

  /**
   * @param {Row[]} rows
   * @param {typeof EVERY} columns
   */
  #order(rows, columns) {
    const { sort, pinned, kind } = this.choices;
    // Rows that are nearly in order are sorted in a fraction of the time: begin with the order there was.
    const sorted = arrange(kind === "list" ? this.#asBefore(rows) : rows, EVERYTHING, columns, sort);
    const list = pinned.size === 0 ? sorted : pinnedFirst(sorted, pinned);
    if (kind !== "list") {
      list.forEach((row) => this.ranks.set(row, this.ranks.size));
    }
    return list;
  }

  /** @param {Row[]} rows */
  #asBefore(rows) {
    const now = new Set(rows);
    const before = this.places === null ? this.list.filter((row) => now.delete(row)) : [];
    return [...before, ...now];
  }

  /** @param {Row[]} rows */
  #ranked(rows) {
    const rank = (/** @type {Row} */ row) => this.ranks.get(row) ?? Infinity;
    return [...rows].sort((a, b) => (rank(a) === rank(b) ? a.pid - b.pid : rank(a) - rank(b)));
  }
}

/**
 * A branch is placed by what all of it takes, so that the heaviest is found at the top, open or not.
 * @param {Map<Row, Totals>} totals
 */
function byBranch(totals) {
  return EVERY.map((column) =>
    column.key === "cpu" || column.key === "memory"
      ? {
          ...column,
          order: (/** @type {Row} */ row) => totals.get(row)?.[/** @type {"cpu" | "memory"} */ (column.key)] ?? null,
        }
      : column,
  );
}

/**
 * @param {Row[]} rows
 * @param {Set<string>} pinned
 */
function pinnedFirst(rows, pinned) {
  return [...rows.filter(({ identity }) => pinned.has(identity)), ...rows.filter((row) => !pinned.has(row.identity))];
}
