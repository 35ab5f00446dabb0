/**
 * Saves what a user chose in a table (sort, columns, filter, list or tree) when the page reloads itself, and restores
 * it afterwards. What was never chosen comes from the options. All views of a model share one set of choices.
 */

import { beforeReload, keptChoices } from "../connection/reload.js";
import { FIRST_CHARTS } from "../charts/charts_view.js";
import { columnsFor } from "../table/columns.js";

/** @import { Shown } from "../rows/listing.js" */
/** @import { ChartChoices } from "../charts/charts_view.js" */
/** @import { Options, Row } from "../types.js" */
/** @import { Arrangement } from "./columns_and_sort.js" */

/**
 * @typedef {object} DetailsChoices
 * @property {Row | null} opened the row whose details are shown
 * @property {Row | null} followed the row that is kept visible
 */

/** @typedef {Arrangement & Shown & DetailsChoices & { filter: string, charts: ChartChoices }} Choices */

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
    charts: { ...FIRST_CHARTS },
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
      const { sort, columns, widths, kind, filter, charts } = now;
      kept.choices = { sort, columns, widths, kind, filter, charts };
    }
  });
}
