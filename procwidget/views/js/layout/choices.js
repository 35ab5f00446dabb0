/**
 * What a user chose in a table: its start from the options and from what was kept over a reload, and what to keep for
 * the next reload. All views of a model share one.
 */

import { beforeReload, keptChoices } from "../connection/reload.js";
import { columnsFor } from "../table/columns.js";

/** @import { Shown } from "../rows/listing.js" */
/** @import { Options, Row } from "../types.js" */
/** @import { Arrangement } from "./arranger.js" */

/**
 * @typedef {object} DetailsChoices
 * @property {Row | null} opened the row whose details are shown
 * @property {Row | null} followed the row that is kept visible
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
