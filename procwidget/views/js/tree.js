/**
 * Rows enter, the same as a tree by parent leaves: each after its parent, with its place in the tree and the totals of
 * its branch. What matches is kept, and so, dimmed, is every ancestor of it. Pure.
 */

import { addTotals, noTotals, ownTotals } from "./totals.js";

/** @import { Place, Row, Totals } from "./types.js" */

/** @typedef {{ list: Row[], places: Map<Row, Place> }} Shape rows in the order of the page, and where each is */

/**
 * @typedef {object} Structure
 * @property {(rows: Row[], totals: Map<Row, Totals>) => Row[]} order
 * @property {(row: Row) => boolean} open whether what is under a row is shown
 */

/**
 * The parent of each row, as far as it is among them. A parent that comes from readings of different moments may lead
 * in a circle; the circle is cut.
 * @param {Iterable<Row>} rows
 * @returns {Map<Row, Row>}
 */
export function parents(rows) {
  /** @type {Map<number, Row>} */
  const byPid = new Map();
  for (const row of rows) {
    if (!row.ended || !byPid.has(row.pid)) {
      byPid.set(row.pid, row);
    }
  }
  /** @type {Map<Row, Row>} */
  const found = new Map();
  /** @type {Set<Row>} */
  const sound = new Set();
  for (const start of byPid.values()) {
    /** @type {Set<Row>} */
    const way = new Set();
    let row = start;
    while (!sound.has(row)) {
      way.add(row);
      const parent = row.ppid === null ? undefined : byPid.get(row.ppid);
      if (parent === undefined || way.has(parent)) {
        break;
      }
      found.set(row, parent);
      row = parent;
    }
    way.forEach((one) => sound.add(one));
  }
  return found;
}

/**
 * @param {Row[]} kept those that match
 * @param {Iterable<Row>} rows all of them
 * @param {Structure} structure
 * @returns {Shape}
 */
export function tree(kept, rows, { order, open }) {
  const above = parents(rows);
  const matches = new Set(kept);
  const shown = new Set(kept);
  for (const row of kept) {
    for (let one = above.get(row); one && !shown.has(one); one = above.get(one)) {
      shown.add(one);
    }
  }
  const totals = branchTotals(shown, matches, above);
  /** @type {Map<Row | undefined, Row[]>} */
  const under = new Map();
  for (const row of order([...shown], totals)) {
    const parent = above.get(row);
    const siblings = under.get(parent);
    if (siblings) {
      siblings.push(row);
    } else {
      under.set(parent, [row]);
    }
  }
  return spread(under, totals, open, (row) => !matches.has(row));
}

/**
 * Put rows after those that they are under.
 * @param {Map<Row | undefined, Row[]>} under by row, those under it; by undefined, those at the top
 * @param {Map<Row, Totals>} totals
 * @param {(row: Row) => boolean} open
 * @param {(row: Row) => boolean} dim
 * @returns {Shape}
 */
export function spread(under, totals, open, dim) {
  /** @type {Row[]} */
  const list = [];
  /** @type {Map<Row, Place>} */
  const places = new Map();
  // A stack of its own: a chain of processes may be deeper than calls may be.
  const stack = [{ rows: under.get(undefined) ?? [], at: 0 }];
  for (let top = stack[0]; top; top = stack[stack.length - 1]) {
    const row = top.rows[top.at++];
    if (row === undefined) {
      stack.pop();
      continue;
    }
    const rows = under.get(row);
    const isOpen = rows ? open(row) : null;
    list.push(row);
    places.set(row, {
      level: stack.length,
      at: top.at,
      of: top.rows.length,
      open: isOpen,
      dim: dim(row),
      totals: totals.get(row) ?? ownTotals(row),
    });
    if (rows && isOpen) {
      stack.push({ rows, at: 0 });
    }
  }
  return { list, places };
}

/**
 * @param {Set<Row>} shown
 * @param {Set<Row>} matches
 * @param {Map<Row, Row>} above
 */
function branchTotals(shown, matches, above) {
  /** @type {Map<Row, Totals>} */
  const totals = new Map();
  /** @type {Map<Row, number>} */
  const waits = new Map();
  for (const row of shown) {
    totals.set(row, matches.has(row) ? ownTotals(row) : noTotals());
    const parent = above.get(row);
    if (parent) {
      waits.set(parent, (waits.get(parent) ?? 0) + 1);
    }
  }
  // From the leaves up: a row is added to its parent once all under it were added to it.
  const ready = [...shown].filter((row) => !waits.has(row));
  for (let row = ready.pop(); row; row = ready.pop()) {
    const parent = above.get(row);
    if (parent) {
      addTotals(/** @type {Totals} */ (totals.get(parent)), /** @type {Totals} */ (totals.get(row)));
      const left = (waits.get(parent) ?? 0) - 1;
      waits.set(parent, left);
      if (left === 0) {
        ready.push(parent);
      }
    }
  }
  return totals;
}
