/**
 * Rows enter, the same as a tree by parent leaves: each after its parent, with its place in the tree and the totals of
 * its branch. What matches is kept, and so, dimmed, is every ancestor of it. Pure.
 */

/** @import { Filter } from "../search/query.js" */
/** @import { Place, Row, Totals } from "../types.js" */

/** @typedef {{ list: Row[], places: Map<Row, Place> }} Shape rows in the order of the page, and where each is */

/** @typedef {{ under: Row[], totals: Totals }} Branch the rows right under one, and the sums of all below and itself */

/** @typedef {Map<Row | undefined, Branch>} Branches by row; by undefined those at the top */

/**
 * @typedef {object} Structure
 * @property {(rows: Row[]) => Row[]} order
 * @property {(row: Row) => boolean} open whether what is under a row is shown
 */

/**
 * @typedef {object} Ancestry who descends from whom
 * @property {Row[]} rows
 * @property {(number | null)[]} facts what it was made from, to know when it stands no more
 * @property {Map<Row, Row>} above
 * @property {Row[]} upward every row, each before its parent
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

/** @param {Row} row */
function fact({ ppid, ended }) {
  return ended ? -1 : ppid;
}

/**
 * @param {Row[]} rows
 * @param {Ancestry | null} before which still stands unless somebody came, left or has another parent
 * @returns {Ancestry}
 */
export function ancestryOf(rows, before) {
  if (
    before?.rows.length === rows.length &&
    rows.every((row, at) => row === before.rows[at] && fact(row) === before.facts[at])
  ) {
    return before;
  }
  const above = parents(rows);
  /** @type {Map<Row | undefined, Row[]>} */
  const under = new Map([[undefined, []]]);
  for (const row of rows) {
    const siblings = under.get(above.get(row));
    if (siblings) {
      siblings.push(row);
    } else {
      under.set(above.get(row), [row]);
    }
  }
  const downward = under.get(undefined) ?? [];
  for (const row of downward) {
    under.get(row)?.forEach((child) => downward.push(child));
  }
  return { rows, facts: rows.map(fact), above, upward: downward.reverse() };
}

/**
 * @param {Ancestry} kin
 * @param {Filter} filter
 * @returns {{ branches: Branches, dim: (row: Row) => boolean, matching: number }}
 */
export function branchesOf({ rows, above, upward }, filter) {
  const matches = filter.all ? null : new Set(rows.filter(filter.matches));
  const dim = (/** @type {Row} */ row) => matches !== null && !matches.has(row);
  /** @type {Branches} */
  const branches = new Map();
  const branchOf = (/** @type {Row | undefined} */ row) => {
    let branch = branches.get(row);
    if (!branch) {
      branches.set(row, (branch = { under: [], totals: noTotals() }));
    }
    return branch;
  };
  const top = branchOf(undefined);
  for (const row of upward) {
    // All that is to be shown under it was there before it.
    if (dim(row) && !branches.has(row)) {
      continue;
    }
    const { totals } = branchOf(row);
    if (!dim(row)) {
      addTotals(totals, ownTotals(row));
    }
    const parent = branchOf(above.get(row));
    parent.under.push(row);
    addTotals(parent.totals, totals);
  }
  return { branches, dim, matching: top.totals.processes };
}

/**
 * Put rows after those that they are under.
 * @param {Branches} branches
 * @param {Structure} structure
 * @param {(row: Row) => boolean} dim
 * @returns {Shape}
 */
export function flatten(branches, { order, open }, dim) {
  /** @type {Row[]} */
  const list = [];
  /** @type {Map<Row, Place>} */
  const places = new Map();
  // A stack of its own: a chain of processes may be deeper than calls may be.
  const stack = [{ rows: order(branches.get(undefined)?.under ?? []), at: 0 }];
  for (let top = stack[0]; top; top = stack[stack.length - 1]) {
    const row = top.rows[top.at++];
    if (row === undefined) {
      stack.pop();
      continue;
    }
    const { under = [], totals = ownTotals(row) } = branches.get(row) ?? {};
    const isOpen = under.length > 0 ? open(row) : null;
    list.push(row);
    places.set(row, { level: stack.length, at: top.at, of: top.rows.length, open: isOpen, dim: dim(row), totals });
    if (isOpen) {
      stack.push({ rows: order(under), at: 0 });
    }
  }
  return { list, places };
}

/** @returns {Totals} */
export function noTotals() {
  return { processes: 0, cpu: null, memory: null, highestCpu: null, highestMemory: null };
}

/**
 * @param {Row} row
 * @returns {Totals}
 */
export function ownTotals({ ended, group, cpu, memory }) {
  return ended || group ? noTotals() : { processes: 1, cpu, memory, highestCpu: cpu, highestMemory: memory };
}

/**
 * Add one sum to another, in place.
 * @param {Totals} to
 * @param {Totals} more
 */
export function addTotals(to, more) {
  to.processes += more.processes;
  to.cpu = more.cpu === null ? to.cpu : (to.cpu ?? 0) + more.cpu;
  to.memory = more.memory === null ? to.memory : (to.memory ?? 0) + more.memory;
  to.highestCpu = larger(to.highestCpu, more.highestCpu);
  to.highestMemory = larger(to.highestMemory, more.highestMemory);
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function larger(a, b) {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
