/**
 * Decides which rows the grid shows, in which order, and in a tree or in groups at which place, from one reading to the
 * next. While the order is held, no visible row moves, and figures are still updated.
 */

import { groupBranches, recordGroups } from "./groups.js";
import { lineOfEnded, withLineOfEnded, withoutOldEnded } from "./ended.js";
import { keptInSight } from "./following.js";
import { belongFirst, holdOrder, sorter } from "./order.js";
import { byTotals } from "./sums.js";
import { branchesOf, ancestryOf, flatten, noTotals } from "./tree.js";

/** @import { Filter } from "../search/query.js" */
/** @import { Place, Row, SortKey } from "../types.js" */
/** @import { GroupKind } from "./groups.js" */
/** @import { Sortable } from "./order.js" */
/** @import { Branches, Ancestry } from "./tree.js" */

/** @typedef {"list" | "tree" | GroupKind} Kind how the table is shown */

/**
 * @typedef {object} Shown
 * @property {SortKey[]} sort
 * @property {Kind} kind
 * @property {Set<string>} flipped identities of rows that the user opened or closed against the default of their kind
 * @property {Set<string>} pinned identities of rows that come first
 * @property {Row | null} [followed] the row that is kept in sight
 */

/** Whether rows are open at first: a tree is, groups show only their totals. */
const OPEN = {
  list: true,
  tree: true,
  app: false,
  user: false,
  name: false,
  notebook: false,
  container: false,
  unit: false,
};

export class Listing {
  /**
   * @param {Shown} choices
   * @param {Sortable[]} sortable what rows can be sorted by
   */
  constructor(choices, sortable) {
    // What was kept may be of another version.
    choices.kind = choices.kind in OPEN ? choices.kind : "list";
    this.choices = choices;
    this.sortable = sortable;
    /** @type {Row[]} */
    this.list = [];
    /** @type {Map<Row, Place> | null} */
    this.places = null;
    /** How many rows that ended have no line of their own, and the line that says so. */
    this.moreEnded = 0;
    this.lineOfEnded = lineOfEnded();
    /** How many lines are in sight. */
    this.lines = 15;
    /** The followed row's place in the order, from 1, while it is shown elsewhere. @type {number | null} */
    this.followedPlace = null;
    /** While the order is held, the rows that belong to the first ones and are out of sight below. @type {Row[]} */
    this.waiting = [];
    /** How many processes match. */
    this.matching = 0;
    /** All rows of the newest reading. @type {Row[]} */
    this.rows = [];
    /** @type {Map<string, Row>} */
    this.groups = new Map();
    /** What is under each row, in a tree or among groups. @type {Branches} */
    this.branches = new Map();
    /** @type {Ancestry | null} */
    this.ancestry = null;
    /** During a search all rows are open at first; what was closed before it is closed again after it. */
    this.searching = false;
    /** @type {Set<string>} */
    this.flippedInSearch = new Set();
  }

  /**
   * @param {Row[]} rows
   * @param {Filter} filter
   * @param {{ first: number, last: number } | null} range the visible rows, which may not move; null when all may
   * @param {number} [tick] number of the reading
   * @returns {number} how many rows were removed above the visible ones
   */
  refresh(rows, filter, range, tick = 0) {
    const { kind } = this.choices;
    this.#search(!filter.all);
    this.#setRows(rows, filter);
    this.waiting = [];
    if (kind !== "list") {
      const shape = this.#shape(filter, range !== null);
      recordGroups(shape.groups, tick);
      if (range === null || this.places === null) {
        this.#take(shape);
        return 0;
      }
      // New rows wait until the order is free: anywhere but at the end they would move visible rows.
      const { list, above } = holdOrder(this.list, [], filter, range.first, range.last);
      const top = this.#sorter(this.branches)(this.branches.get(undefined)?.children ?? []);
      this.waiting = belongFirst(top, list, range.last - above);
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
    const kept = filter.all ? this.rows : this.rows.filter(filter.matches);
    const sorted = this.#sorter()(kept);
    if (range && this.places === null) {
      ({ list: this.list, above } = holdOrder(this.list, this.rows, filter, range.first, range.last));
      this.waiting = belongFirst(sorted, this.list, range.last - above);
    } else {
      const { list, place } = keptInSight(sorted, this.choices.followed ?? null, this.lines);
      this.list = withLineOfEnded(list, this.lineOfEnded, this.moreEnded);
      this.followedPlace = place;
      this.places = null;
    }
    this.matching = countLiving(this.list);
    return above;
  }

  /**
   * Open or close a row. The order of all others stays.
   * @param {Row} row
   * @param {boolean} open
   */
  setOpen(row, open) {
    const usual = this.searching || OPEN[this.choices.kind];
    if (open === usual) {
      this.#flippedRows().delete(row.identity);
    } else {
      this.#flippedRows().add(row.identity);
    }
  }

  /**
   * Open or close every row.
   * @param {boolean} open
   */
  setAllOpen(open) {
    const flipped = this.#flippedRows();
    flipped.clear();
    if (open !== (this.searching || OPEN[this.choices.kind])) {
      for (const row of [...this.rows, ...this.groups.values()]) {
        flipped.add(row.identity);
      }
    }
  }

  /**
   * Rebuild the list in its present order.
   * @param {Row[]} rows
   * @param {Filter} filter
   */
  rebuild(rows, filter) {
    this.#setRows(rows, filter);
    this.#take(this.#shape(filter, true));
  }

  /**
   * The processes that a row stands for: those of a group, or a process with all under it in the tree.
   * @param {Row} row
   * @returns {Row[]}
   */
  membersOf(row) {
    if (row.group) {
      return row.group;
    }
    const found = [row];
    for (const one of found) {
      found.push(...(this.branches.get(one)?.children ?? []));
    }
    return found;
  }

  /** @param {{ list: Row[], places: Map<Row, Place>}} shape */
  #take({ list, places }) {
    this.list = withLineOfEnded(list, this.lineOfEnded, this.moreEnded);
    this.places = places;
    if (this.moreEnded > 0) {
      const above = this.list[this.list.indexOf(this.lineOfEnded) - 1];
      const place = above && places.get(above);
      places.set(this.lineOfEnded, { level: 1, at: 1, of: 1, ...place, open: null, dim: false, totals: noTotals() });
    }
  }

  /**
   * @param {Row[]} rows
   * @param {Filter} filter
   */
  #setRows(rows, filter) {
    const { rows: shown, more } = withoutOldEnded(
      filter.all ? rows : rows.filter((row) => !row.ended || filter.matches(row)),
    );
    this.rows = shown;
    this.moreEnded = more;
  }

  /** @param {boolean} searching */
  #search(searching) {
    if (this.searching !== searching) {
      this.searching = searching;
      this.flippedInSearch.clear();
    }
  }

  #flippedRows() {
    return this.searching ? this.flippedInSearch : this.choices.flipped;
  }

  /**
   * @param {Filter} filter
   * @param {boolean} held
   */
  #shape(filter, held) {
    const { rows } = this;
    const { kind } = this.choices;
    const flipped = this.#flippedRows();
    const usual = this.searching || OPEN[kind];
    const open = (/** @type {Row} */ row) => flipped.has(row.identity) !== usual;
    if (kind === "tree") {
      this.ancestry = ancestryOf(rows, this.ancestry);
      const { branches, dim, matching } = branchesOf(this.ancestry, filter);
      this.matching = matching;
      this.branches = branches;
      return { ...flatten(branches, { order: this.#order(held, branches), open }, dim), groups: [] };
    }
    const kept = filter.all ? rows : rows.filter(filter.matches);
    this.matching = countLiving(kept);
    const branches = groupBranches(kept, /** @type {GroupKind} */ (kind), this.groups);
    this.branches = branches;
    const groups = branches.get(undefined)?.children ?? [];
    return { ...flatten(branches, { order: this.#order(held, branches), open }, () => false), groups };
  }

  /**
   * Returns what sorts siblings. While held, that is by their place in the list; rows that were hidden there come last.
   * @param {boolean} held
   * @param {Branches} branches
   */
  #order(held, branches) {
    const sorted = this.#sorter(branches);
    if (!held) {
      return sorted;
    }
    const ranks = new Map(this.list.map((row, rank) => [row, rank]));
    const rank = (/** @type {Row} */ row) => ranks.get(row) ?? Infinity;
    return (/** @type {Row[]} */ rows) => sorted(rows).sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  }

  /**
   * Returns what sorts rows by the chosen keys, pinned ones first. A branch is placed by its totals, so that the
   * heaviest branch comes first, open or not.
   * @param {Branches} [branches]
   */
  #sorter(branches) {
    const { sort, pinned } = this.choices;
    const columns = branches ? this.sortable.map((column) => byTotals(column, branches)) : this.sortable;
    const sorted = sorter(columns, sort);
    return (/** @type {Row[]} */ rows) => {
      const list = sorted(rows);
      return pinned.size === 0
        ? list
        : [...list.filter((row) => pinned.has(row.identity)), ...list.filter((row) => !pinned.has(row.identity))];
    };
  }
}

/** @param {Row[]} rows */
function countLiving(rows) {
  return rows.reduce((sum, row) => sum + (row.ended ? 0 : 1), 0);
}
