/** Writes a comparison of the search language for a value, whatever is in it. Pure. */

/**
 * The comparison that finds what has this value: `name="run 7"`. There are no escapes, so a value with both kinds of
 * quotes is looked for by its longest piece without one.
 * @param {string} column
 * @param {string} value
 */
export function comparisonFor(column, value) {
  if (/^[\p{L}\p{N}._-]+$/u.test(value)) {
    return `${column}=${value}`;
  }
  const quote = value.includes('"') ? (value.includes("'") ? null : "'") : '"';
  if (quote !== null) {
    return `${column}=${quote}${value}${quote}`;
  }
  const longest = value.split('"').reduce((best, piece) => (piece.length > best.length ? piece : best), "");
  return `${column}~"${longest}"`;
}
