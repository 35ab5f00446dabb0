/** The bands of a chart: from which value on it is high, also when that is set later. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ChartFrame } from "../../procwidget/views/js/charts/chart_frame.js";
import { element } from "../../procwidget/views/js/ui/dom.js";

test("levels that are set later move the chart's bands", () => {
  const place = element("div");
  const words = { key: "cpu", label: "CPU", unit: "percent", series: [] };
  const points = { shown: 60, slot: 1, hidden: new Set(), cells: [], top: () => 100 };
  const on = { look() {}, leave() {}, toggle() {}, enlarge() {} };
  const frame = new ChartFrame(
    place,
    /** @type {any} */ ({ words, series: [] }),
    /** @type {any} */ (points),
    on,
    [70, 90],
  );
  assert.equal(place.style.getPropertyValue("--pw-warning-part"), "30%");
  frame.setBounds([12, 80]);
  assert.deepEqual(
    ["warning", "critical"].map((name) => place.style.getPropertyValue(`--pw-${name}-part`)),
    ["88%", "20%"],
  );
});
