/** How a view is arranged, as the kernel is told. Pure. */

/** @import { Arrangement } from "../connection/protocol.js" */
/** @import { Column } from "../table/columns.js" */
/** @import { Choices } from "./saved_choices.js" */

/**
 * @param {Pick<Choices, "sort" | "kernelThreads">} choices
 * @param {Column[]} columns those shown
 * @param {string} filter a search without a mistake
 * @returns {Arrangement}
 */
export function arrangementOf({ sort, kernelThreads }, columns, filter) {
  return {
    sort: sort.map(({ key, descending }) => [key, descending]),
    filter,
    columns: columns.filter(({ fixed }) => !fixed).map(({ key }) => key),
    kernel_threads: kernelThreads,
  };
}
