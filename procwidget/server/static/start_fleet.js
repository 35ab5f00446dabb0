/** Starts the page of a fleet: all of it is one widget of Jupyter's widget manager, as in a notebook. */

import { attached, loadVoila, persistently, widgetManager } from "./load.js";

/** How often it is tried before only a reload is left. */
const MOST_FAILURES = 4;

const { fleet } = JSON.parse(document.getElementById("procwidget-parts").textContent);
const place = document.querySelector("#procwidget-page > .procwidget-whole");
const waiting = place.querySelector("[role=status]");

/** What visit_status.js asks. */
let failures = 0;
window.procwidgetLine = {
  isOpen: true,
  failed: false,
  get stuck() {
    return failures >= MOST_FAILURES;
  },
};

await loadVoila();
await persistently(
  async () => attached(await widgetManager(), fleet.id, place),
  () => {
    failures += 1;
    waiting.textContent = "The hosts could not be loaded yet. Trying again.";
  },
);
failures = 0;
