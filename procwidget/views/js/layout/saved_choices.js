/**
 * Saves what a user chose in a table (sort, columns, filter, list or tree) when the page reloads itself, and restores
 * it afterwards. What was never chosen comes from the options. All views of a model share one set of choices.
 */

import { beforeReload, keptChoices } from "../connection/reload.js";
import { columnsFor } from "../table/columns.js";

/** @import { Shown } from "../rows/listing.js" */
/** @import { Options, Row } from "../types.js" */
/** @import { Arrangement } from "./columns_and_sort.js" */

/**
 * @typedef {object} PlaceChoices
 * @property {boolean | null} beside whether details are beside the rows, null while nobody chose
 * @property {number} width pixels, beside
 * @property {number} height pixels, below
 */

/**
 * @typedef {object} DetailsChoices
 * @property {Row | null} opened the row whose details are shown
 * @property {Row | null} followed the row that is kept visible
 * @property {PlaceChoices} place where the details are
 */

/** @typedef {Arrangement & Shown & DetailsChoices & { filter: string }} Choices */

/**
 * @param {Options} options
 * @returns {Choices}
 */
export function firstChoices({ sort_by: key, columns = null, filter }) {
  const descending = columnsFor(key).find((column) => column.key === key)?.numeric ?? false;
  return {
    sort: [{ key, descending }],
    columns,
    widths: {},
    kind: "list",
    flipped: new Set(),
    pinned: new Set(),
    filter,
    opened: null,
    followed: null,
    place: { beside: null, width: 400, height: 240 },
    ...keptChoices(),
  };
}

/**
 * Keep the choices when the page reloads itself, except those about single processes.
 * @param {() => Choices | null} choices
 * @returns {() => void} stops that
 */
export function keepChoices(choices) {
  return beforeReload((kept) => {
    const now = choices();
    if (now) {
      const { sort, columns, widths, kind, filter } = now;
      kept.choices = { sort, columns, widths, kind, filter };
    }
  });
}
