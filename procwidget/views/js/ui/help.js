/** The dialog that lists the keys; nothing enters but the wish to see it. */

import { element } from "./dom.js";

/** @type {[keys: string, meaning: string][]} */
const KEYS = [
  ["/", "Search"],
  ["↓ in the search", "To the rows, or into the completions; Alt+↓ shows these"],
  ["↑ ↓ ← →", "From cell to cell; Home, End, Page Up and Page Down too"],
  ["Enter", "Details of the process; on a heading, sort by it"],
  ["Space", "Select the process; with Shift, all from the last one on"],
  ["Delete", "Ask to end what is selected, or the process of the row"],
  ["p, f", "Pin the process to the top; follow it while it moves"],
  ["← → on a name", "In a tree or groups: close and open; + − too, * opens all"],
  ["Escape", "Back to the headings, which lets the order go"],
  ["Shift+Enter", "On a heading: sort by it as well"],
  ["Shift+← →", "On a heading: its width; with Ctrl, its place"],
  ["?", "This list"],
];

/** @param {HTMLElement} host */
export function showHelp(host) {
  const back = document.activeElement;
  const close = element("button", { type: "button", class: "pw-button" }, "Close");
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
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    // Escape closes it, and must not reach what is around it.
    event.stopPropagation();
  });
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
