/** The toolbar and the footer: the summary's controls and facts stand in the table's places, whoever comes first. */

import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./page.js";
import { announceSlots, fillSlots, slot } from "../../procwidget/views/js/ui/slots.js";

function parts() {
  return { controls: document.createElement("button"), facts: document.createElement("p") };
}

test("places are filled when they come later, and again when the table is drawn anew", () => {
  const dashboard = place();
  const { controls, facts } = parts();
  dashboard.append(controls);
  const stop = fillSlots(dashboard, { controls, facts });
  assert.equal(controls.parentElement, dashboard, "until there is a place it stays where it is");
  for (let drawn = 0; drawn < 2; drawn += 1) {
    const table = document.createElement("div");
    table.append(slot("controls"), slot("facts"));
    dashboard.replaceChildren(table);
    announceSlots(dashboard);
    assert.equal(controls.parentElement?.dataset["slot"], "controls");
    assert.equal(facts.parentElement?.dataset["slot"], "facts");
  }
  stop();
  assert.equal(dashboard.querySelector("button"), null, "whoever goes takes along what is theirs");
});

test("a place that is there already is filled at once", () => {
  const dashboard = place();
  dashboard.append(slot("controls"));
  const { controls } = parts();
  fillSlots(dashboard, { controls });
  assert.equal(dashboard.querySelector("[data-slot] > button"), controls);
});
