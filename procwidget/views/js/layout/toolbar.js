/**
 * The lines of controls around the table: above it the panels' buttons with what the summary puts there, and below
 * these the toolbar; under the table the footer, which says what was done and what is selected.
 */

import { element } from "../ui/dom.js";
import { slot } from "../ui/slots.js";

/**
 * @param {HTMLElement} panelButtons
 * @param {HTMLElement} span chooses what the charts show
 */
export function panelLine(panelButtons, span) {
  return element(
    "div",
    { class: "pw-bar pw-aside" },
    panelButtons,
    slot("pressure"),
    element("span", { class: "pw-gap" }),
    slot("events"),
    span,
  );
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

/** @param {HTMLElement[]} said */
export function footer(said) {
  return element("div", { class: "pw-foot" }, element("div", { class: "pw-said" }, ...said), slot("facts"));
}
