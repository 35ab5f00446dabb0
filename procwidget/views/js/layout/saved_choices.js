/**
 * Saves what a user chose in a table (sort, columns, filter, list or tree, open panels) when the page reloads itself, and
 * restores it afterwards. What was never chosen comes from the options. All views of a model share one set of choices.
 */

import { beforeReload, keptChoices } from "../connection/reload.js";
import { FIRST_CHARTS } from "../charts/charts_view.js";
import { PRESETS } from "./presets.js";
import { columnsFor } from "../table/columns.js";

/** @import { Shown } from "../rows/listing.js" */
/** @import { MyView, View } from "./my_view.js" */
/** @import { ChartChoices } from "../charts/charts_view.js" */
/** @import { Options, Row } from "../types.js" */
/** @import { Arrangement } from "./columns_and_sort.js" */
/** @import { CpuChoice } from "./cpu_share.js" */

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

/**
 * @typedef {object} ViewChoices
 * @property {boolean} kernelThreads whether threads of the kernel are shown
 * @property {import("./presets.js").Preset | null} mine the user's own view among the ready-made ones
 */

/** @typedef {Arrangement & CpuChoice & Shown & DetailsChoices & ViewChoices & { filter: string, panels: string[], charts: ChartChoices }} Choices */

/** What the table is sorted by where Python asks for nothing else. */
const USUAL_SORT = "cpu";

/**
 * How the table is arranged where the user chose nothing.
 * @param {Options} options
 * @returns {Required<View>}
 */
export function usualView({ sort_by: key, columns = null, preset: name, open_panels: panels = [] }) {
  const preset = PRESETS.get(name ?? "");
  const descending = columnsFor(key).find((column) => column.key === key)?.numeric ?? false;
  return {
    sort: preset?.sort[0]?.key === key ? structuredClone(preset.sort) : [{ key, descending }],
    columns,
    widths: {},
    ofMachine: false,
    kind: preset?.kind ?? "list",
    kernelThreads: true,
    panels: [...panels],
    place: { beside: null, width: 400, height: 240 },
    mine: null,
  };
}

/**
 * @param {Options} options what Python asked for goes before what was kept
 * @param {MyView} [myView]
 * @returns {Choices}
 */
export function firstChoices(options, myView) {
  const { sort_by: sortBy, columns = null, filter, preset, open_panels: panels = [] } = options;
  /** @type {(keyof View)[]} */
  const asked = [];
  if (preset || columns !== null) {
    asked.push("columns", "widths");
  }
  if (preset || sortBy !== USUAL_SORT) {
    asked.push("sort");
  }
  if (preset) {
    asked.push("kind");
  }
  if (panels.length) {
    asked.push("panels");
  }
  return {
    ...usualView(options),
    ...myView?.load(asked),
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
      const { sort, columns, widths, ofMachine, kind, filter, panels, charts } = now;
      kept.choices = { sort, columns, widths, ofMachine, kind, filter, panels, charts };
    }
  });
}
