/**
 * Sums over processes: rows enter, how many there are, what they take together and the most that one of them takes
 * leave. Unknown adds nothing; where nothing is known the sum is unknown too. Those that ended count no more. Pure.
 */

/** @import { Row, Totals } from "../types.js" */

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
