/**
 * Ready-made views, each a set of columns, what they are sorted by, and how rows are grouped. What is read on demand is
 * read only while such a view shows it. Pure.
 */

import { EVERY } from "../table/columns.js";

/** @import { Kind } from "../rows/listing.js" */
/** @import { SortKey } from "../types.js" */

/** @typedef {{ sort: SortKey[], columns: string[] | null, kind: Kind }} Preset */

/**
 * @param {string[]} keys
 * @returns {SortKey[]}
 */
function falling(...keys) {
  return keys.map((key) => ({ key, descending: true }));
}

/** @type {[name: string, preset: Preset][]} */
const ALL = [
  ["CPU", { sort: falling("cpu"), columns: null, kind: "list" }],
  [
    "Memory",
    {
      sort: falling("memory"),
      columns: ["name", "pid", "user", "memory", "growth", "swap", "shared", "cpu", "command"],
      kind: "app",
    },
  ],
  [
    "Disk",
    {
      sort: falling("written", "read"),
      columns: ["name", "pid", "user", "status", "read", "written", "major_faults", "cpu", "command"],
      kind: "list",
    },
  ],
  [
    "GPU",
    {
      sort: falling("gpu"),
      columns: ["name", "pid", "user", "gpu", "gpu_memory", "cpu", "memory", "command"],
      kind: "list",
    },
  ],
  [
    "Notebook",
    {
      sort: falling("memory"),
      columns: ["name", "pid", "cpu", "trace", "memory", "growth", "cpu_time", "age", "command"],
      kind: "notebook",
    },
  ],
];

/**
 * Those whose columns this host's samples have: without what it sorts by, a view shows nothing of its own.
 * @type {Map<string, Preset>}
 */
export const PRESETS = new Map(
  ALL.filter(([, { sort }]) => sort.every(({ key }) => EVERY.some((column) => column.key === key))),
);
