/**
 * How wide columns are, as a `grid-template-columns`. It depends on the table's width and the user's own widths and
 * never on what cells say, so no figure moves another. Pure.
 */

/** @import { Column } from "./columns.js" */

/** The table's width in pixels below which columns take their narrow widths. */
export const NARROW = 480;

/** The fewest pixels that a user can give a column. */
export const LEAST = 32;

/** The most pixels that a user can give a column. */
export const MOST = 1600;

/**
 * @param {Column[]} columns those shown
 * @param {number} width the table's, in pixels
 * @param {Record<string, number>} widths by key, what the user chose, in pixels
 * @returns {{ template: string, least: number }} a `grid-template-columns`, and the pixels that it needs
 */
export function columnWidths(columns, width, widths) {
  const sizes = columns.map((column) => {
    const own = widths[column.key];
    return own ? `${own}px` : (width < NARROW && column.narrow) || column.width;
  });
  const least = sizes.reduce((sum, size) => sum + pixels(size), 0);
  if (!sizes.some((size) => size.includes("fr"))) {
    // One column has to take the remaining room: the last movable one.
    const last = columns.reduce((found, { fixed }, at) => (fixed ? found : at), 0);
    sizes[last] = `minmax(${sizes[last]}, 1fr)`;
  }
  return { template: sizes.join(" "), least };
}

/**
 * The least pixels that a grid track takes.
 * @param {string} size
 */
function pixels(size) {
  return Number(/(\d+)px/.exec(size)?.[1] ?? 0);
}

/**
 * A width limited to what a user can give a column.
 * @param {number} width pixels
 */
export function clampWidth(width) {
  return Math.round(Math.min(MOST, Math.max(LEAST, width)));
}
