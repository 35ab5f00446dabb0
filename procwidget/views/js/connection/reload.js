/**
 * Saves state before a served page reloads itself, and restores it afterwards. Both happen through events that only
 * that page's own script (server/static/visit_status.js) sends and answers; in a notebook nothing answers.
 */

/** Sent before a reload; listeners write what is to be kept into its detail. */
const LEAVE = "procwidget-leave";

/** Sent after a reload; the page's script fills its empty detail with the kept choices, once. */
const RETURN = "procwidget-return";

/**
 * @typedef {object} Kept
 * @property {string[]} unknown what nobody can know any more after the reload, in sentences
 * @property {object | null} choices
 */

/**
 * Call `write` when the page is about to reload itself.
 * @param {(kept: Kept) => void} write
 * @returns {() => void} stops that
 */
export function beforeReload(write) {
  const left = (/** @type {Event} */ event) => write(/** @type {CustomEvent<Kept>} */ (event).detail);
  document.addEventListener(LEAVE, left);
  return () => document.removeEventListener(LEAVE, left);
}

/** The choices that were kept over a reload; empty without one. */
export function keptChoices() {
  const choices = {};
  document.dispatchEvent(new CustomEvent(RETURN, { detail: choices }));
  return choices;
}
