/**
 * The ready-made views (procwidget/presets.py), each a set of columns, what they are sorted by, and how rows are grouped.
 * Pure.
 */

import { PRESETS as ALL } from "../fields.generated.js";

/** @import { Kind } from "../rows/listing.js" */
/** @import { SortKey } from "../types.js" */

/** @typedef {{ sort: SortKey[], columns: string[] | null, kind: Kind }} Preset */

/** By name, in order. @type {Map<string, Preset & { title: string }>} */
export const PRESETS = new Map(ALL.map(({ name, ...preset }) => [name, preset]));
