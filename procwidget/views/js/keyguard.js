/**
 * Keeps keys that are typed in the dashboard from the notebook around it, whose command mode would take them: D twice
 * deletes the cell, 0 twice restarts the kernel. The dashboard's element enters. The dashboard's own listeners are
 * inside it or on it and so hear every key; what the browser does with a key stays as it is.
 */

/** What a command mode takes also with Ctrl, Alt or Meta: it runs, joins, moves, selects and deletes cells by them. */
const TAKEN = new Set(
  "Enter Backspace Delete Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight a m".split(" "),
);

/** @param {KeyboardEvent} event */
function keep(event) {
  const { key } = event;
  // Save, the command palette and the like are the application's; AltGr types letters.
  const commands = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  // JupyterLab and nbclassic listen on the document, as the event bubbles. An attribute such as
  // data-lm-suppress-shortcuts does not do: JupyterLab's selectors match what has the focus before that is looked for.
  if (!commands || event.defaultPrevented || TAKEN.has(key.length === 1 ? key.toLowerCase() : key)) {
    event.stopPropagation();
  }
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
  dashboard.addEventListener("keydown", keep);
  return () => dashboard.removeEventListener("keydown", keep);
}
