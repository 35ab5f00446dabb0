/**
 * A served page that loads itself again: what would be lost leaves before, and what was kept comes back after. Both go by
 * events that only that page's own script sends and answers, server/static/visit.js; in a notebook nobody does.
 */

/** Its detail is what is kept, for whoever listens to write to. */
const LEAVE = "procwidget-leave";

/** Its detail is empty, for that script to fill with the choices that were kept, once. */
const RETURN = "procwidget-return";

/**
 * @typedef {object} Kept
 * @property {string[]} unknown what nobody can know any more after the reload, in sentences
 * @property {object | null} choices
 */

/**
 * Call `write` when the page is about to load itself again.
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
