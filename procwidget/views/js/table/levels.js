/**
 * The levels (normal, warning, critical) of a row and of its cells, by the same thresholds that the kernel uses;
 * unknown is normal. Pure.
 */

import { HANGS_AFTER, STATUSES } from "../fields.generated.js";

/** @import { Level, Row, Scene } from "../types.js" */

const HANGING = new Set(STATUSES.filter(({ hangs }) => hangs).map(({ name }) => name));

/**
 * @param {number | null} value
 * @param {[warning: number, critical: number] | undefined} bounds
 * @returns {Level}
 */
export function level(value, bounds) {
  if (value === null || !bounds || value < bounds[0]) {
    return "normal";
  }
  return value >= bounds[1] ? "critical" : "warning";
}

/**
 * By what it could use: one busy core of many is what they are for.
 * @param {Row} row
 * @param {Scene} scene
 */
export function cpuLevel(row, scene) {
  return level(row.cpu === null ? null : row.cpu / (scene.cpus ?? 1), scene.thresholds.process_cpu);
}

/**
 * @param {Row} row
 * @param {Scene} scene
 */
export function memoryLevel(row, scene) {
  const share = row.memory === null || !scene.memoryTotal ? null : (row.memory / scene.memoryTotal) * 100;
  return level(share, scene.thresholds.process_memory);
}

/**
 * @param {Row} row
 * @param {Scene} scene
 * @returns {Level}
 */
export function statusLevel(row, scene) {
  const hangs = row.status !== null && HANGING.has(row.status) && scene.time - row.since >= HANGS_AFTER;
  return hangs ? "warning" : "normal";
}

/**
 * The worst level of a row's cells.
 * @param {Row} row
 * @param {Scene} scene
 * @returns {Level}
 */
export function rowLevel(row, scene) {
  if (row.ended) {
    return "normal";
  }
  const cpu = cpuLevel(row, scene);
  const memory = memoryLevel(row, scene);
  if (cpu === "critical" || memory === "critical") {
    return "critical";
  }
  return cpu === "warning" || memory === "warning" ? "warning" : statusLevel(row, scene);
}
