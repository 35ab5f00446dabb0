/**
 * What the table shows as text to take along: CSV and JSON with the values themselves under the sample's keys, and plain
 * text as it is read. Of a past moment each says which it is. Pure.
 */

import { clock, dayAndClock, isoDay } from "../ui/format.js";
import { valueIn } from "./columns.js";

/** @import { Place, Row, Scene } from "../types.js" */
/** @import { Column } from "./columns.js" */

/**
 * @typedef {object} Shown
 * @property {Row[]} list
 * @property {Column[]} columns
 * @property {Map<Row, Place> | null} places
 * @property {Scene} scene
 */

/** What a spreadsheet would take for a formula: processes are called what anybody likes. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param {Shown} shown */
function parts({ list, columns }) {
  return {
    rows: list.filter(({ group }) => group === null || group.length > 0),
    kept: columns.filter(({ fixed, key }) => !fixed && key !== "trace"),
  };
}

/**
 * The value of a cell: a number or text, null where it is unknown or a group has none.
 * @param {Row} row
 * @param {Column} column
 * @param {Scene} scene
 */
function valueOfCell(row, { key, sums }, { time }) {
  if (row.group !== null && !sums) {
    return null;
  }
  if (key === "age") {
    return row.started === null ? null : Math.max(0, time - row.started);
  }
  return key === "status" && row.ended ? "ended" : valueIn(row, key);
}

/**
 * Objects with the shown columns, before which stands the past moment as `time`; those of a group or a row with others under it say how many processes it stands for.
 * @param {Shown} shown
 * @returns {Record<string, string | number | null>[]}
 */
export function asObjects(shown) {
  const { rows, kept } = parts(shown);
  return rows.map((row) => ({
    ...(shown.scene.past ? { time: shown.scene.past.time } : {}),
    ...Object.fromEntries(kept.map((column) => [column.key, valueOfCell(row, column, shown.scene)])),
    ...(shown.places ? { processes: row.group ? row.group.filter(({ ended }) => !ended).length : 1 } : {}),
  }));
}

/** @param {Shown} shown */
export function asJson(shown) {
  return `${JSON.stringify(asObjects(shown), null, 1)}\n`;
}

/**
 * Comma-separated values by RFC 4180, the keys in the first line.
 * @param {Shown} shown
 */
export function asCsv(shown) {
  const { kept } = parts(shown);
  const keys = [
    ...(shown.scene.past ? ["time"] : []),
    ...kept.map(({ key }) => key),
    ...(shown.places ? ["processes"] : []),
  ];
  const lines = asObjects(shown).map((one) => keys.map((key) => csvCell(one[key] ?? null)).join(","));
  return [keys.join(","), ...lines, ""].join("\r\n");
}

/** @param {string | number | null} value */
function csvCell(value) {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Lines of text, the columns under each other.
 * @param {Shown} shown
 */
export function asText(shown) {
  const { rows, kept } = parts(shown);
  const cells = [
    kept.map(({ label }) => label),
    ...rows.map((row) =>
      kept.map((column) => {
        const says = row.group === null || column.sums;
        const indent = column.key === "name" ? "  ".repeat(Math.max(0, (shown.places?.get(row)?.level ?? 1) - 1)) : "";
        return says ? indent + column.text(row, shown.scene) : "";
      }),
    ),
  ];
  const past = shown.scene.past ? [`As it was on ${dayAndClock(shown.scene.past.time)}`, ""] : [];
  const widths = kept.map((_, at) => cells.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), 0));
  const lines = cells.map((line) =>
    kept
      .map(({ numeric }, at) => {
        const text = line[at] ?? "";
        const width = widths[at] ?? 0;
        return numeric ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
  return [...past, ...lines, ""].join("\n");
}

/**
 * The name of a file with figures of a moment, in local time as the page shows it: "processes-2026-11-29T14-03-22.csv".
 * @param {number} time Unix seconds
 * @param {string} ending
 */
export function fileName(time, ending) {
  return `processes-${isoDay(time)}T${clock(time).replaceAll(":", "-")}.${ending}`;
}
