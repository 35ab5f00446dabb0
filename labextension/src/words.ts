/** Puts figures into words, as the dashboard does. */

import type { Level } from "./answers";

export const UNKNOWN = "—";
export const MIB = 2 ** 20;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Return bytes with three figures, such as "15.2 GiB". */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) {
    return UNKNOWN;
  }
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(value >= 99.95 ? 0 : 1)} ${UNITS[unit]}`;
}

/** Return MiB in words, as processes have them. */
export function memoryText(mebibytes: number | null): string {
  return bytesText(mebibytes === null ? null : mebibytes * MIB);
}

/** Return a percentage without places from 10 on, such as "4.2 %" and "135 %". */
export function percentText(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) {
    return UNKNOWN;
  }
  return `${percent.toFixed(percent >= 9.95 ? 0 : 1)} %`;
}

/** Return how full something is in percent. */
export function share(used: number | null, total: number | null): number | null {
  return used === null || !total ? null : (used / total) * 100;
}

/** Return the level of a figure. */
export function levelOf(value: number | null, bounds: [number, number] | undefined): Level {
  if (value === null || !bounds) {
    return "normal";
  }
  return value >= bounds[1] ? "critical" : value >= bounds[0] ? "warning" : "normal";
}

/** A level in a word, for whoever does not see its colour; nothing where all is well. */
export const LEVEL_WORDS: Record<Level, string> = { normal: "", warning: "Warning", critical: "Critical" };
