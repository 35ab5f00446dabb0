/**
 * Places in one part of the dashboard that another part fills: summary and table are two widgets, and the summary's
 * controls and facts stand in the table's toolbar and footer. Either may be drawn first, or be drawn anew.
 */

import { element } from "./dom.js";

/** Said on the dashboard's element when there are new places. */
const READY = "procwidget-slots";

/**
 * A place that `fillSlots` fills.
 * @param {string} name
 */
export function slot(name) {
  return element("div", { class: `pw-slot-${name}`, "data-slot": name });
}

/**
 * Say that a dashboard has places now.
 * @param {HTMLElement} dashboard
 */
export function announceSlots(dashboard) {
  dashboard.dispatchEvent(new CustomEvent(READY));
}

/**
 * Put elements into a dashboard's places, now and whenever there are new ones.
 * @param {HTMLElement} dashboard
 * @param {Record<string, HTMLElement>} parts by the places' names
 * @returns {() => void} stops that
 */
export function fillSlots(dashboard, parts) {
  const fill = () => {
    for (const [name, part] of Object.entries(parts)) {
      const place = dashboard.querySelector(`[data-slot="${name}"]`);
      if (place && part.parentElement !== place) {
        place.replaceChildren(part);
      }
    }
  };
  fill();
  dashboard.addEventListener(READY, fill);
  return () => {
    dashboard.removeEventListener(READY, fill);
    Object.values(parts).forEach((part) => part.remove());
  };
}
