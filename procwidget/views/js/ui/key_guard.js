/**
 * Protects the notebook from keys that are typed in the dashboard. Without this, the notebook's command mode would take
 * them: D twice deletes the cell, 0 twice restarts the kernel. The dashboard's own listeners still hear every key, and
 * what the browser does with a key does not change.
 */

import { setAttribute } from "./dom.js";

/** What a command mode takes also with Ctrl, Alt or Meta: it runs, joins, moves, selects and deletes cells by them. */
const TAKEN = new Set(
  "Enter Backspace Delete Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight a m".split(" "),
);

/** Lumino, which JupyterLab and Notebook are made of, leaves keys alone on an element that has this. */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** @param {KeyboardEvent} event */
function isOurs({ key, ctrlKey, altKey, metaKey }) {
  // Save, the command palette and the like are the application's; Ctrl and Alt together are AltGr, which types letters.
  const commands = metaKey || ctrlKey !== altKey;
  return !commands || TAKEN.has(key.length === 1 ? key.toLowerCase() : key);
}

/**
 * @param {HTMLElement} dashboard
 * @returns {() => void} ends that
 */
export function guardKeys(dashboard) {
  // A click beside everything that takes the focus would give it to the notebook's cell, and the next key too.
  if (!dashboard.hasAttribute("tabindex")) {
    dashboard.setAttribute("tabindex", "-1");
  }
  // Notebook listens on the document before the key gets here. Its selectors match what has the focus before an
  // attribute further up is looked for, so the attribute has to be on that; only the window is asked earlier.
  const mark = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    if (target instanceof Element && dashboard.contains(target)) {
      setAttribute(target, SUPPRESS, isOurs(event) ? "true" : null);
    }
  };
  // JupyterLab and nbclassic listen there too, but after us.
  const keep = (/** @type {KeyboardEvent} */ event) => {
    if (isOurs(event) || event.defaultPrevented) {
      event.stopPropagation();
    }
  };
  window.addEventListener("keydown", mark, true);
  dashboard.addEventListener("keydown", keep);
  return () => {
    window.removeEventListener("keydown", mark, true);
    dashboard.removeEventListener("keydown", keep);
  };
}
