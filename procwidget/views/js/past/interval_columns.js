/** The columns of the tables about intervals: what each process did in one, and how it differs between two. Pure. */

import { bytes, clock, figure, memoryChange, UNKNOWN } from "../ui/format.js";

/** @import { DifferenceRow, IntervalRow } from "../connection/past_messages.js" */
/** @import { Column } from "./rows_table.js" */

/** @param {number | null} percent */
function signedPercent(percent) {
  if (percent === null) {
    return UNKNOWN;
  }
  // No minus before what is nothing.
  const shown = Math.abs(percent) < 0.05 ? 0 : percent;
  return `${shown > 0 ? "+" : ""}${figure(shown, 1)} %`;
}

/** @param {number | null} time */
function moment(time) {
  return time === null ? "" : clock(time);
}

/** @type {Column<IntervalRow>[]} */
export const OF_INTERVAL = [
  { key: "user", label: "User", value: (row) => row.user },
  {
    key: "cpu_seconds",
    label: "CPU time",
    value: (row) => row.cpu_seconds,
    text: (row) => (row.cpu_seconds === null ? UNKNOWN : `${figure(row.cpu_seconds, 1)} s`),
    number: true,
  },
  {
    key: "memory_change",
    label: "Memory",
    value: (row) => row.memory_change,
    text: (row) => memoryChange(row.memory_change),
    number: true,
  },
  { key: "read", label: "Read", value: (row) => row.read, text: (row) => bytes(row.read), number: true },
  { key: "written", label: "Written", value: (row) => row.written, text: (row) => bytes(row.written), number: true },
  { key: "began", label: "Began", value: (row) => row.began, text: (row) => moment(row.began), number: true },
  {
    key: "ended",
    label: "Ended",
    value: (row) => row.ended,
    text: (row) => (row.ended === null ? "" : `${moment(row.ended)} ${row.why ?? ""}`.trim()),
  },
];

/** @type {Column<DifferenceRow>[]} */
export const OF_COMPARISON = [
  { key: "user", label: "User", value: (row) => row.user },
  { key: "what", label: "What", value: (row) => row.what },
  {
    key: "cpu_change",
    label: "CPU",
    value: (row) => (row.cpu_change === null ? null : Math.abs(row.cpu_change)),
    text: (row) => signedPercent(row.cpu_change === null ? null : 100 * row.cpu_change),
    number: true,
  },
  {
    key: "memory_change",
    label: "Memory",
    value: (row) => (row.memory_change === null ? null : Math.abs(row.memory_change)),
    text: (row) => memoryChange(row.memory_change),
    number: true,
  },
];
