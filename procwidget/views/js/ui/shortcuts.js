/**
 * Keys that work anywhere in the dashboard, and where nothing has the focus: "/" goes to the search, "s" sorts now, "?"
 * shows the list of all keys, which is here too. In a text field they are typed as usual.
 */

import { button, element } from "./dom.js";

const TYPING = 'input:not([type="checkbox"]), textarea, select, dialog';

/** @type {[keys: string, meaning: string][]} */
const KEYS = [
  ["/", "Search"],
  ["↓ in the search", "To the rows, or into the completions; Alt+↓ shows these"],
  ["↑ ↓ ← →", "From cell to cell; Home, End, Page Up and Page Down too"],
  ["j k g G", "Down, up, to the first row, to the last"],
  ["Enter, double click", "Details of the process; on a heading, sort by it"],
  ["Shift+F10, right click", "What can be done with the process"],
  ["n, N", "To the next row that matches the search; to the one before"],
  ["c", "Copy the row"],
  ["Space", "Select the process; with Shift, all from the last one on"],
  ["Delete", "Ask to end what is selected, or the process of the row"],
  ["p, f", "Pin the process to the top; keep it in sight wherever it moves"],
  ["s", "Sort now, where the order is held"],
  ["← → on a name", "In a tree or groups: close and open; + − too, * opens all"],
  ["t, T", "In time: to the reading before; to the one after. Escape: back to now"],
  ["Escape", "Back to the headings, which lets the order go; ends following"],
  ["Shift+Enter", "On a heading: sort by it as well"],
  ["Shift+← →", "On a heading: its width; with Ctrl, its place"],
  ["?", "This list"],
];

/**
 * @param {{ search: () => void, help: () => void, sort: () => void }} on
 * @returns {(event: KeyboardEvent) => void} a listener
 */
export function shortcuts(on) {
  return (event) => {
    const typing = event.target instanceof Element && event.target.closest(TYPING);
    const act = { "/": on.search, "?": on.help, s: on.sort }[event.key];
    if (act && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      act();
    }
  };
}

/**
 * Call `listener` with keys that go to no element, as on a page that was just opened.
 * @param {(event: KeyboardEvent) => void} listener
 * @returns {() => void} stops that
 */
export function listenUnfocused(listener) {
  const hear = (/** @type {KeyboardEvent} */ event) => {
    if (event.target === document.body) {
      listener(event);
    }
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}

/**
 * Show the dialog that lists the keys.
 * @param {HTMLElement} host
 */
export function showHelp(host) {
  const back = document.activeElement;
  const close = button("Close", () => dialog.close());
  const dialog = element(
    "dialog",
    { class: "pw-dialog pw-help", "aria-label": "Keys" },
    element("div", { class: "pw-dialog-title", "aria-hidden": "true" }, "Keys"),
    element(
      "dl",
      { class: "pw-keys" },
      ...KEYS.map(([keys, meaning]) =>
        element("div", {}, element("dt", {}, element("kbd", {}, keys)), element("dd", {}, meaning)),
      ),
    ),
    element("div", { class: "pw-dialog-buttons" }, close),
  );
  // Escape closes the dialog, and must not reach what is around it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back instanceof HTMLElement) {
      back.focus();
    }
  });
  host.append(dialog);
  dialog.showModal();
  close.focus();
}
