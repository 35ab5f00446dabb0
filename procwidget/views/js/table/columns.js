/**
 * The table's columns: key (the sample's), heading, text of a cell, what it sorts by, its level, and the table's width
 * from which on it is shown.
 */

import { age, figure, memory, moment, statusWord, UNKNOWN } from "../ui/format.js";
import { endContent, nameContent } from "./cells.js";
import { cpuLevel, memoryLevel, statusLevel } from "./levels.js";
import { sparklineContent } from "./sparkline.js";

/** @import { Level, Row, Scene } from "../types.js" */
/** @import { CellContent } from "./cells.js" */

/**
 * @typedef {object} Column
 * @property {string} key the sample's key
 * @property {string} label
 * @property {boolean} numeric figures are aligned right and sort descending first
 * @property {string} width a track of a CSS grid
 * @property {string} [narrow] the same where there is little room
 * @property {number} from the table's width in pixels from which on it is shown
 * @property {(row: Row, scene: Scene) => string} text
 * @property {(row: Row) => string | number | null} order
 * @property {(row: Row, scene: Scene) => Level} [level]
 * @property {boolean} [hint] whether the whole text is offered as a tooltip, for it may be cut
 * @property {() => CellContent} [content] makes what a cell holds besides its text
 * @property {boolean} [sums] whether it says something of a group of processes
 * @property {() => HTMLElement} [heading] makes what its heading holds instead of the label
 * @property {boolean} [fixed] whether it cannot be hidden, moved or sorted by
 */

/** @type {Column[]} */
export const COLUMNS = [
  {
    key: "pid",
    label: "PID",
    numeric: true,
    width: "76px",
    narrow: "56px",
    from: 0,
    text: (row) => String(row.pid),
    order: (row) => row.pid,
  },
  {
    key: "name",
    label: "Name",
    numeric: false,
    width: "minmax(112px, 1.1fr)",
    narrow: "minmax(48px, 1fr)",
    from: 0,
    text: (row) => row.name,
    order: (row) => row.name.toLowerCase(),
    content: nameContent,
    sums: true,
    hint: true,
  },
  {
    key: "user",
    label: "User",
    numeric: false,
    width: "minmax(56px, 0.55fr)",
    from: 640,
    text: (row) => row.user ?? UNKNOWN,
    order: (row) => row.user?.toLowerCase() ?? null,
    hint: true,
  },
  {
    key: "status",
    label: "Status",
    numeric: false,
    width: "96px",
    from: 580,
    text: (row) => (row.ended ? "ended" : statusWord(row.status)),
    order: (row) => row.status,
    level: statusLevel,
  },
  {
    key: "cpu",
    label: "CPU %",
    numeric: true,
    width: "84px",
    narrow: "66px",
    from: 0,
    text: (row) => figure(row.cpu, 1),
    order: (row) => row.cpu,
    sums: true,
    level: cpuLevel,
  },
  {
    key: "trace",
    label: "Trace",
    numeric: false,
    width: "78px",
    from: 830,
    text: () => "",
    order: (row) => row.cpu,
    content: sparklineContent,
  },
  {
    key: "memory",
    label: "Memory",
    numeric: true,
    width: "108px",
    narrow: "100px",
    from: 0,
    text: (row) => memory(row.memory),
    order: (row) => row.memory,
    sums: true,
    level: memoryLevel,
  },
  {
    key: "threads",
    label: "Threads",
    numeric: true,
    width: "84px",
    from: 910,
    text: (row) => figure(row.threads),
    order: (row) => row.threads,
  },
  {
    key: "started",
    label: "Started",
    numeric: true,
    width: "104px",
    from: 1015,
    text: (row, scene) => moment(row.started, scene.time),
    order: (row) => row.started,
  },
  {
    key: "command",
    label: "Command",
    numeric: false,
    width: "minmax(120px, 2.6fr)",
    from: 760,
    text: (row) => row.command ?? UNKNOWN,
    order: (row) => row.command?.toLowerCase() ?? null,
    hint: true,
  },
];

/** The key of the column with the button that ends a process, which is none of a sample. */
const END = "end";

/** @type {Column} */
export const END_COLUMN = {
  key: END,
  label: "End",
  numeric: false,
  width: "52px",
  narrow: "44px",
  from: 0,
  text: () => "",
  order: () => null,
  content: endContent,
  fixed: true,
};

/** Columns that are shown only when chosen. @type {Column[]} */
const MORE = [
  {
    key: "cpu_time",
    label: "CPU time",
    numeric: true,
    width: "92px",
    from: 0,
    text: (row) => (row.cpu_time === null ? UNKNOWN : `${figure(row.cpu_time, 1)} s`),
    order: (row) => row.cpu_time,
  },
  {
    key: "age",
    label: "Age",
    numeric: true,
    width: "92px",
    from: 0,
    text: (row, scene) => age(row.started, scene.time),
    order: (row) => (row.started === null ? null : -row.started),
  },
  {
    key: "ppid",
    label: "Parent",
    numeric: true,
    width: "76px",
    from: 0,
    text: (row) => (row.ppid === null ? UNKNOWN : String(row.ppid)),
    order: (row) => row.ppid,
  },
  {
    key: "nice",
    label: "Nice",
    numeric: true,
    width: "60px",
    from: 0,
    text: (row) => (row.nice === null ? UNKNOWN : String(row.nice)),
    order: (row) => row.nice,
  },
  {
    key: "session",
    label: "Session",
    numeric: true,
    width: "84px",
    from: 0,
    text: (row) => (row.session === null ? UNKNOWN : String(row.session)),
    order: (row) => row.session,
  },
];

/** Every column that a user can choose, those shown at first before the others. */
export const EVERY = [...COLUMNS, ...MORE];

/**
 * The columns of a table, in order.
 * @param {string} sortBy the key that the table is sorted by, which is shown while no columns are chosen
 * @param {string[] | null} [chosen] keys; they are shown at every width. Unknown ones are left out
 * @returns {Column[]}
 */
export function columnsFor(sortBy, chosen = null) {
  const found = (chosen ?? []).flatMap((key) => EVERY.filter((column) => column.key === key));
  if (found.length > 0) {
    return [...new Set(found)].map((column) => ({ ...column, from: 0 }));
  }
  const sorted = MORE.filter(({ key }) => key === sortBy);
  const place = COLUMNS.findIndex(({ key }) => key === "memory");
  return [...COLUMNS.slice(0, place), ...sorted, ...COLUMNS.slice(place)];
}
