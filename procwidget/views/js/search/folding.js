/** Folds text for comparison: upper and lower case are equal, and so are both small Greek sigmas. Pure. */

/** @param {string} text */
export function fold(text) {
  return text.toLowerCase().replaceAll("ς", "σ");
}
