/**
 * Values as people read them. All figures of one kind have the same number of decimals and the same unit, so that
 * columns of them line up; unknown is "—". Pure.
 */

import { STATUSES } from "../fields.generated.js";

export const UNKNOWN = "—";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A number with a fixed count of decimals and commas between thousands.
 * @param {number | null} value
 * @param {number} [decimals]
 */
export function figure(value, decimals = 0) {
  if (value === null || !Number.isFinite(value)) {
    return UNKNOWN;
  }
  const text = value.toFixed(decimals);
  return Math.abs(value) < 999.5 ? text : text.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
}

/** Whether a thousand counts, and not 1,024. One for the page, as Python was told. */
let decimal = false;

/** Whether a network's rates are in bits. */
let bits = false;

/** @param {{ decimal?: boolean, bits?: boolean } | undefined} units */
export function useUnits(units) {
  decimal = units?.decimal ?? false;
  bits = units?.bits ?? false;
}

/** @param {number | null} mebibytes in the unit that is shown */
const mega = (mebibytes) => (mebibytes !== null && decimal ? mebibytes * 1.048576 : mebibytes);

/**
 * A percentage without decimals: "41 %". It is cut, not rounded, as the kernel's are.
 * @param {number | null} value
 */
export function percentOf(value) {
  return value === null || !Number.isFinite(value) ? UNKNOWN : `${Math.floor(value + 1e-9)} %`;
}

/**
 * Mebibytes in the largest unit that they fill: "9.2 GiB", "412.0 MiB"; or megabytes where a thousand counts.
 * @param {number | null} mebibytes
 */
export function memory(mebibytes) {
  return bytes(mebibytes === null ? null : mebibytes * 2 ** 20);
}

/**
 * Bytes in the largest unit that they fill: "1.5 GiB", "0 B". Four digits before the point are a larger unit's "1.0", so
 * that a narrow column has room for every value.
 * @param {number | null} value
 */
export function bytes(value) {
  return decimal
    ? scaled(value, 1000, ["B", "kB", "MB", "GB", "TB"])
    : scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

/**
 * @param {number | null} value
 * @param {number} base
 * @param {string[]} names
 */
function scaled(value, base, names) {
  if (value === null || !Number.isFinite(value)) {
    return UNKNOWN;
  }
  const full = Math.log2((value * base) / 999.95) / Math.log2(base);
  const at = Math.min(names.length - 1, value < 999.5 ? 0 : Math.floor(full));
  return `${figure(value / base ** at, at ? 1 : 0)} ${names[at]}`;
}

/**
 * Bytes a second in the largest unit that they fill: "1.5 MiB/s".
 * @param {number | null} value
 */
export function rate(value) {
  const text = bytes(value);
  return text === UNKNOWN ? text : `${text}/s`;
}

/**
 * A network's bytes a second: as `rate` says them, or in bits where these are wanted: "9.8 Mbit/s".
 * @param {number | null} value
 */
export function networkRate(value) {
  if (!bits || value === null || !Number.isFinite(value)) {
    return rate(value);
  }
  return `${scaled(8 * value, 1000, ["bit", "kbit", "Mbit", "Gbit", "Tbit"])}/s`;
}

/**
 * How much memory changed, with its sign: "+1.5 MiB", "0.0 MiB".
 * @param {number | null} mebibytes
 */
export function memoryChange(mebibytes) {
  const text = figure(mebibytes !== null && Math.abs(mebibytes) < 0.05 ? 0 : mega(mebibytes), 1);
  return text === UNKNOWN ? text : `${(mebibytes ?? 0) >= 0.05 ? "+" : ""}${text} ${decimal ? "MB" : "MiB"}`;
}

/**
 * How fast memory grows, with its sign: "+1.5 MiB/min", "0.0 MiB/min".
 * @param {number | null} mebibytes a minute
 */
export function growth(mebibytes) {
  const text = memoryChange(mebibytes);
  return text === UNKNOWN ? text : `${text}/min`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, "0");
}

/**
 * The local time of day of a moment in Unix seconds: "14:03:22".
 * @param {number} seconds
 */
export function clock(seconds) {
  const moment = new Date(seconds * 1000);
  return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/**
 * The local date of a moment in Unix seconds: "2026-11-29".
 * @param {number} seconds
 */
export function isoDay(seconds) {
  const moment = new Date(seconds * 1000);
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/**
 * The local day of a moment in Unix seconds: "29 Nov".
 * @param {number} seconds
 */
export function day(seconds) {
  const moment = new Date(seconds * 1000);
  return `${two(moment.getDate())} ${MONTHS[moment.getMonth()]}`;
}

/**
 * A local day and time in full: "29 Nov 2026 10:32:14".
 * @param {number} seconds Unix seconds
 */
export function dayAndClock(seconds) {
  return `${day(seconds)} ${new Date(seconds * 1000).getFullYear()} ${clock(seconds)}`;
}

/**
 * When something began, as precisely as is useful: the time if today, day and time if this year, else the date.
 * @param {number | null} seconds Unix seconds
 * @param {number} now Unix seconds
 */
export function moment(seconds, now) {
  if (seconds === null) {
    return UNKNOWN;
  }
  const then = new Date(seconds * 1000);
  const today = new Date(now * 1000);
  if (then.toDateString() === today.toDateString()) {
    return clock(seconds);
  }
  return then.getFullYear() === today.getFullYear()
    ? `${day(seconds)} ${clock(seconds).slice(0, 5)}`
    : `${day(seconds)} ${then.getFullYear()}`;
}

const UNITS = /** @type {const} */ ([
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
]);

/**
 * How long ago something began, in its two largest units: "3 d 04 h", "59 s".
 * @param {number | null} seconds Unix seconds
 * @param {number} now Unix seconds
 */
export function age(seconds, now) {
  if (seconds === null) {
    return UNKNOWN;
  }
  const whole = Math.max(0, Math.floor(now - seconds));
  const found = UNITS.findIndex(([, size]) => whole >= size);
  const at = found < 0 ? UNITS.length - 1 : found;
  const [unit, size] = UNITS[at] ?? ["s", 1];
  const [less, lessSize] = UNITS[at + 1] ?? ["", 0];
  const large = `${Math.floor(whole / size)} ${unit}`;
  return lessSize ? `${large} ${two(Math.floor((whole % size) / lessSize))} ${less}` : large;
}

/**
 * A process's status in words.
 * @param {string | null} status
 */
export function statusWord(status) {
  return status === null ? UNKNOWN : (STATUSES.find(({ name }) => name === status)?.word ?? status);
}
