/**
 * The lines of controls around the table: above it the panels' buttons with what the summary puts there, and below
 * these the toolbar; under the table the footer, which says what was done and what is selected.
 */

import { button, element, setAttribute, uniqueId } from "../ui/dom.js";
import { slot } from "../ui/slots.js";

/**
 * @param {HTMLElement} panelButtons
 * @param {HTMLElement} span chooses what the charts show
 */
export function panelLine(panelButtons, span) {
  return element(
    "div",
    { class: "pw-bar pw-aside", id: uniqueId("aside") },
    panelButtons,
    slot("pressure"),
    element("span", { class: "pw-gap" }),
    slot("events"),
    span,
  );
}

/**
 * The button that shows the panels' line, and the menus behind itself, where there is little room; elsewhere these are
 * there and the button is not.
 * @param {HTMLElement} line
 */
export function fold(line) {
  const made = button("More", () => setAttribute(made, "aria-expanded", String(line.classList.toggle("pw-unfolded"))), {
    class: "pw-button pw-fold",
    "aria-expanded": "false",
    "aria-controls": line.id,
    title: "Panels, views, columns, export, events and thresholds",
  });
  return made;
}

/**
 * @param {HTMLElement[]} about the rows: which are shown, and how
 * @param {(HTMLElement | null)[]} signs the short buttons at its end
 */
export function toolbar(about, signs) {
  return element(
    "div",
    { class: "pw-bar pw-tools" },
    ...about,
    element("span", { class: "pw-gap" }),
    slot("controls"),
    ...signs.flatMap((sign) => sign ?? []),
  );
}

/** @param {boolean} hidden */
export function switchedOff(hidden) {
  return element("span", { class: "pw-off", hidden }, "Ending processes is switched off here.");
}

/** @param {HTMLElement[]} said */
export function footer(said) {
  return element("div", { class: "pw-foot" }, element("div", { class: "pw-said" }, ...said), slot("facts"));
}
