/**
 * What several processes have together: sums of the fields of which a sum says something, for the rows of groups and
 * closed branches. Memory that several processes share is in the sum of resident memory several times, so each process
 * counts with its PSS, where shared pages are divided, as soon as that is measured. Pure.
 */

import { FIELDS } from "../fields.generated.js";
import { valueOf } from "../search/comparison.js";
import { figure } from "../ui/format.js";

/** @import { Row, Totals } from "../types.js" */
/** @import { Branches } from "./tree.js" */

/** @typedef {Record<string, number | null>} Sums by the fields' keys; unknown is null, and what is not read is not there */

const SUMMED = FIELDS.filter(({ summed, key }) => summed && key !== "cpu" && key !== "memory").map(({ key }) => key);

/** What a row adds to its group's memory. @param {Row} row */
export function memoryShare(row) {
  return valueOf(row, "pss") ?? row.memory;
}

/**
 * @param {Row} row
 * @returns {Sums}
 */
export function ownSums(row) {
  /** @type {Sums} */
  const sums = {};
  for (const key of SUMMED) {
    const value = valueOf(row, key);
    if (value !== undefined) {
      sums[key] = value;
    }
  }
  return sums;
}

/**
 * Add sums to others, in place.
 * @param {Sums} to
 * @param {Sums} more
 */
export function addSums(to, more) {
  for (const key in more) {
    const value = more[key] ?? null;
    to[key] = value === null ? (to[key] ?? null) : (to[key] ?? 0) + value;
  }
}

/**
 * What is to be known of a sum of memory; empty for a single process.
 * @param {Totals} totals
 */
export function sharedMemory({ processes, measured }) {
  const rest = processes - measured;
  if (processes < 2 || rest < 1) {
    return processes < 2 ? "" : "Memory that these processes share is counted once (PSS).";
  }
  const these = `${figure(processes)} processes`;
  return measured > 0
    ? `Of ${figure(measured)} of these ${these} it is the PSS; memory that the others share is counted in each of them.`
    : `Memory that some of these ${these} share is counted in each of them. The column PSS has it counted once.`;
}

/**
 * What sorts rows by a column, each branch by its total where there is one.
 * @template {{ key: string, order: (row: Row) => string | number | null }} T
 * @param {T} column
 * @param {Branches} branches
 * @returns {Pick<T, "key" | "order">}
 */
export function byTotals({ key, order }, branches) {
  const total = TOTALS[key] ?? ((/** @type {Totals} */ { sums }) => sums[key]);
  return {
    key,
    order: (row) => {
      const branch = branches.get(row);
      const sum = branch && total(branch.totals);
      return sum === undefined ? order(row) : sum;
    },
  };
}

/** @type {Record<string, (totals: Totals) => number | null>} */
const TOTALS = {
  cpu: ({ cpu }) => cpu,
  memory: ({ memory }) => memory,
  memory_percent: ({ memory }) => memory,
};
