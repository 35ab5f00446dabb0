/**
 * Arranges processes as a tree by parent: each after its parent, with its place in the tree and the totals of its
 * branch. Ancestors of a match are kept too, dimmed. Pure.
 */

import { addSums, memoryShare, ownSums } from "./sums.js";

/** @import { Filter } from "../search/query.js" */
/** @import { Place, Row, Totals } from "../types.js" */

/** @typedef {{ list: Row[], places: Map<Row, Place> }} Shape rows in the order of the page, and where each is */

/** @typedef {{ children: Row[], totals: Totals }} Branch the children of a row, and the totals of its descendants and itself */

/** @typedef {Map<Row | undefined, Branch>} Branches by row; by undefined those at the top */

/**
 * @typedef {object} Structure
 * @property {(rows: Row[]) => Row[]} order
 * @property {(row: Row) => boolean} open whether what is under a row is shown
 */

/**
 * @typedef {object} Ancestry who descends from whom
 * @property {Row[]} rows
 * @property {(number | null)[]} parentPids the parents that it was made from, to know when it is out of date
 * @property {Map<Row, Row>} parentOf
 * @property {Row[]} childrenFirst every row, each before its parent
 */

/**
 * The parent of each row, if it is among them. Parents that were read at different moments may form a circle, which is
 * cut.
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
function parentPid({ ppid, ended }) {
  return ended ? -1 : ppid;
}

/**
 * @param {Row[]} rows
 * @param {Ancestry | null} before reused unless a process came, ended or got another parent
 * @returns {Ancestry}
 */
export function ancestryOf(rows, before) {
  if (
    before?.rows.length === rows.length &&
    rows.every((row, at) => row === before.rows[at] && parentPid(row) === before.parentPids[at])
  ) {
    return before;
  }
  const parentOf = parents(rows);
  /** @type {Map<Row | undefined, Row[]>} */
  const childrenOf = new Map([[undefined, []]]);
  for (const row of rows) {
    const siblings = childrenOf.get(parentOf.get(row));
    if (siblings) {
      siblings.push(row);
    } else {
      childrenOf.set(parentOf.get(row), [row]);
    }
  }
  const parentsFirst = childrenOf.get(undefined) ?? [];
  for (const row of parentsFirst) {
    childrenOf.get(row)?.forEach((child) => parentsFirst.push(child));
  }
  return { rows, parentPids: rows.map(parentPid), parentOf, childrenFirst: parentsFirst.reverse() };
}

/**
 * @param {Ancestry} kin
 * @param {Filter} filter
 * @returns {{ branches: Branches, dim: (row: Row) => boolean, matching: number }}
 */
export function branchesOf({ rows, parentOf, childrenFirst }, filter) {
  const matches = filter.all ? null : new Set(rows.filter(filter.matches));
  const dim = (/** @type {Row} */ row) => matches !== null && !matches.has(row);
  /** @type {Branches} */
  const branches = new Map();
  const branchOf = (/** @type {Row | undefined} */ row) => {
    let branch = branches.get(row);
    if (!branch) {
      branches.set(row, (branch = { children: [], totals: noTotals() }));
    }
    return branch;
  };
  const top = branchOf(undefined);
  for (const row of childrenFirst) {
    // Its descendants came before it: if none of them matches, it has no branch yet and is left out.
    if (dim(row) && !branches.has(row)) {
      continue;
    }
    const { totals } = branchOf(row);
    if (!dim(row)) {
      addTotals(totals, ownTotals(row));
    }
    const parent = branchOf(parentOf.get(row));
    parent.children.push(row);
    addTotals(parent.totals, totals);
  }
  return { branches, dim, matching: top.totals.processes };
}

/**
 * List the rows of a tree, each after its parent, without those under closed rows.
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
  // An explicit stack, because a chain of processes may be deeper than the call stack allows.
  const stack = [{ rows: order(branches.get(undefined)?.children ?? []), at: 0 }];
  for (let top = stack[0]; top; top = stack[stack.length - 1]) {
    const row = top.rows[top.at++];
    if (row === undefined) {
      stack.pop();
      continue;
    }
    const { children = [], totals = ownTotals(row) } = branches.get(row) ?? {};
    const isOpen = children.length > 0 ? open(row) : null;
    list.push(row);
    places.set(row, { level: stack.length, at: top.at, of: top.rows.length, open: isOpen, dim: dim(row), totals });
    if (isOpen) {
      stack.push({ rows: order(children), at: 0 });
    }
  }
  return { list, places };
}

/** @returns {Totals} */
export function noTotals() {
  return { processes: 0, cpu: null, memory: null, highestCpu: null, highestMemory: null, measured: 0, sums: {} };
}

/**
 * @param {Row} row
 * @returns {Totals}
 */
export function ownTotals(row) {
  const { ended, group, cpu, memory } = row;
  if (ended || group) {
    return noTotals();
  }
  const share = memoryShare(row);
  const [measured, sums] = [share === memory ? 0 : 1, ownSums(row)];
  return { processes: 1, cpu, memory: share, highestCpu: cpu, highestMemory: memory, measured, sums };
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
  to.measured += more.measured;
  addSums(to.sums, more.sums);
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
