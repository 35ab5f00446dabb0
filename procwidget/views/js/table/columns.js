/**
 * The table's columns: key (the sample's), heading, text of a cell, what it sorts by, its level, and the table's width
 * from which on it is shown.
 */

import { FIELDS } from "../fields.generated.js";
import { valueOf } from "../search/comparison.js";
import { age, bytes, figure, growth, memory, moment, rate, statusWord, UNKNOWN } from "../ui/format.js";
import { sharedMemory } from "../rows/sums.js";
import { endContent, nameContent } from "./cell_extras.js";
import { cpuLevel, memoryLevel, statusLevel } from "./levels.js";
import { sparklineContent } from "./sparkline.js";

/** @import { Field, Level, Row, Scene, SortKey, Totals } from "../types.js" */
/** @import { CellExtras } from "./cell_extras.js" */

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
 * @property {(row: Row, scene: Scene) => number} [bar] how long the bar behind a cell's figure is: 1 fills it
 * @property {boolean} [hint] whether the whole text is offered as a tooltip, for it may be cut
 * @property {string} [unknown] why it may be unknown, the tooltip of a cell that is
 * @property {(row: Row) => string | null} [tip] its tooltip, where that is not its text
 * @property {(totals: Totals) => string} [sumHint] what is to be known of a sum, its tooltip
 * @property {() => CellExtras} [content] makes what a cell holds besides its text
 * @property {boolean} [sums] whether it says something of a group of processes
 * @property {() => HTMLElement} [heading] makes what its heading holds instead of the label
 * @property {boolean} [fixed] whether it cannot be hidden, moved or sorted by
 */

/**
 * How values of each kind are drawn: the text of one that is known, the width of its column.
 * @type {Record<import("../types.js").Kind["drawing"], { numeric: boolean, width: string, text: (value: any) => string }>}
 */
const KINDS = {
  text: { numeric: false, width: "minmax(56px, 0.55fr)", text: String },
  plain: { numeric: true, width: "76px", text: String },
  count: { numeric: true, width: "84px", text: (value) => figure(value) },
  decimal: { numeric: true, width: "84px", text: (value) => figure(value, 1) },
  memory: { numeric: true, width: "104px", text: memory },
  growth: { numeric: true, width: "128px", text: growth },
  bytes: { numeric: true, width: "100px", text: bytes },
  rate: { numeric: true, width: "112px", text: rate },
  time: { numeric: true, width: "92px", text: (value) => `${figure(value, 1)} s` },
};

/**
 * The value of a field, for a group the sum of those that are known.
 * @param {Row} row
 * @param {string} key
 */
export function valueIn(row, key) {
  return valueOf(row, key) ?? null;
}

/** Cores that fill the bar behind a process's CPU, where there are as many: one of 64 would not be seen. */
const FULL_BAR = 4;

/**
 * @param {Row} row
 * @param {Scene} scene
 */
function cpuPart({ cpu }, { cores = 1 }) {
  return (cpu ?? 0) / (100 * Math.min(FULL_BAR, cores));
}

/**
 * @param {Row} row
 * @param {Scene} scene
 */
function memoryPart({ memory: held }, { memoryTotal }) {
  return memoryTotal ? (held ?? 0) / memoryTotal : 0;
}

/** What some columns have of their own, by key. @type {Record<string, Partial<Column>>} */
const OWN = {
  pid: { narrow: "56px" },
  name: {
    width: "minmax(112px, 1.1fr)",
    narrow: "minmax(48px, 1fr)",
    content: nameContent,
    sums: true,
    tip: ({ group, name, notebook_path: path }) => (group && path ? path : name),
  },
  user: {
    width: "minmax(82px, 0.55fr)",
    from: 640,
    sums: true,
    text: ({ user, group }) => user ?? (group ? "" : UNKNOWN),
  },
  status: {
    width: "96px",
    from: 580,
    text: (row) => (row.ended ? "ended" : statusWord(row.status)),
    level: statusLevel,
    hint: false,
  },
  cpu: { width: "84px", narrow: "66px", sums: true, level: cpuLevel, bar: cpuPart },
  trace: {
    width: "78px",
    from: 830,
    text: () => "",
    order: (row) => row.cpu,
    content: sparklineContent,
    sums: true,
    hint: false,
  },
  memory: { narrow: "92px", sums: true, level: memoryLevel, sumHint: sharedMemory, bar: memoryPart },
  memory_percent: {
    width: "104px",
    sums: true,
    text: (row, scene) =>
      row.memory === null || !scene.memoryTotal ? UNKNOWN : figure((row.memory / scene.memoryTotal) * 100, 1),
    order: (row) => row.memory,
    level: memoryLevel,
    sumHint: sharedMemory,
  },
  threads: { from: 910 },
  started: { width: "104px", from: 1015, text: (row, scene) => moment(row.started, scene.time) },
  age: {
    text: (row, scene) => age(row.started, scene.time),
    order: (row) => (row.started === null ? null : -row.started),
  },
  command: { width: "minmax(120px, 2.6fr)", from: 760 },
  nice: { width: "60px" },
  session: { width: "84px" },
  container: { width: "minmax(112px, 0.9fr)" },
  unit: { width: "minmax(112px, 0.9fr)" },
  terminal: { width: "88px" },
  notebook: { width: "minmax(112px, 0.9fr)", tip: ({ notebook_path: path }) => path ?? null },
  gpu: { sums: true },
  gpu_memory: { sums: true },
};

/**
 * The column of a field: drawn as its kind is, but for what it has of its own.
 * @param {Field} field
 * @returns {Column}
 */
function columnOf({ key, label, kind, unknown, summed }) {
  const { text, ...drawing } = KINDS[kind.drawing];
  return {
    key,
    label,
    ...drawing,
    from: 0,
    text: (row) => {
      const value = valueIn(row, key);
      return value === null ? UNKNOWN : text(value);
    },
    order: (row) => {
      const value = valueIn(row, key);
      return typeof value === "string" ? value.toLowerCase() : value;
    },
    hint: !drawing.numeric,
    unknown,
    sums: summed,
    ...OWN[key],
  };
}

/** The columns shown at first. */
export const COLUMNS = FIELDS.filter(({ shown }) => shown).map(columnOf);

/** Columns that are there for the choosing. */
const MORE = FIELDS.filter(({ shown }) => !shown).map(columnOf);

/** Every column that a user can choose, those shown at first before the others. */
export const EVERY = [...COLUMNS, ...MORE];

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

/** What some columns show besides their own. @type {Record<string, string[]>} */
const BESIDES = { name: ["notebook", "notebook_path"], notebook: ["notebook_path"] };

/**
 * Those of some keys that are fields read on demand, and those that are shown with them.
 * @param {string[]} keys
 */
export function onDemand(keys) {
  const all = keys.flatMap((key) => [key, ...(BESIDES[key] ?? [])]);
  return FIELDS.filter((field) => field.on_demand && all.includes(field.key)).map(({ key }) => key);
}

/**
 * What a table is sorted by, of a row, in words.
 * @param {Row} row
 * @param {SortKey[]} sort
 * @param {Scene | null} scene
 */
export function sortedBy(row, [first], scene) {
  const column = EVERY.find(({ key }) => key === first?.key);
  const text = (scene && column?.text(row, scene)) ?? "";
  return column?.key === "cpu" ? `${text} %` : text;
}

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
