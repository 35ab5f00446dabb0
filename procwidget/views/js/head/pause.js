/**
 * Pauses a dashboard: the event that tells its parts, and pictures of its charts. A paused chart is a copy laid over
 * the live one, which may go on being drawn, because other pages may watch the same kernel.
 */

import { END, SHOW } from "../events/cause_buttons.js";
import { GO_TO, MOMENT } from "../ui/past_events.js";

/** Bubbles from the dashboard's element; its detail is `{ paused: boolean }`. */
export const PAUSE = "procwidget-pause";

/** Asks the summary to pause or go on; its detail is `{ paused: boolean }`. */
export const ASK_PAUSE = "procwidget-ask-pause";

/** What parts of a dashboard say to each other that are shown apart, see ui/apart.js. */
export const SHARED = [PAUSE, ASK_PAUSE, MOMENT, GO_TO, SHOW, END];

const CHARTS = ".procwidget-charts .bqplot";
const FROZEN = "pw-frozen";

/** @param {Element} picture whose ids must not be those of the original, for references find the first of a name */
function renameIds(picture) {
  for (const node of picture.querySelectorAll("*")) {
    for (const { name, value } of [...node.attributes]) {
      if (name === "id") {
        node.setAttribute(name, `frozen-${value}`);
      } else if (value.includes("url(#")) {
        node.setAttribute(name, value.replaceAll("url(#", "url(#frozen-"));
      }
    }
  }
}

/**
 * Lay pictures of the charts over them.
 * @param {HTMLElement} dashboard
 */
export function freezeCharts(dashboard) {
  for (const chart of dashboard.querySelectorAll(`${CHARTS}:not(.${FROZEN})`)) {
    if (!(chart instanceof HTMLElement) || chart.classList.contains("pw-live")) {
      continue;
    }
    const picture = /** @type {HTMLElement} */ (chart.cloneNode(true));
    renameIds(picture);
    picture.classList.add(FROZEN);
    picture.setAttribute("aria-hidden", "true");
    Object.assign(picture.style, {
      position: "absolute",
      margin: "0",
      top: `${chart.offsetTop}px`,
      left: `${chart.offsetLeft}px`,
      width: `${chart.offsetWidth}px`,
      height: `${chart.offsetHeight}px`,
    });
    chart.parentElement?.classList.add("pw-frame");
    chart.classList.add("pw-live");
    chart.after(picture);
  }
}

/**
 * Show the live charts again.
 * @param {HTMLElement} dashboard
 */
export function thawCharts(dashboard) {
  dashboard.querySelectorAll(`.${FROZEN}`).forEach((picture) => picture.remove());
  dashboard.querySelectorAll(".pw-live").forEach((chart) => chart.classList.remove("pw-live"));
}
