/** The small charts of one process: its trace in the table, and the line charts in its details. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ranges } from "../../procwidget/views/js/details/fields.js";
import { LineChart, nearest, path } from "../../procwidget/views/js/details/line_chart.js";
import { CPU_HISTORY, recordCpu } from "../../procwidget/views/js/rows/row.js";
import { sparklinePath } from "../../procwidget/views/js/table/sparkline.js";
import { bytes, clock } from "../../procwidget/views/js/ui/format.js";
import { row } from "./rows.js";

test("a recentCpu has the last readings, oldest first, and a gap where there were none", () => {
  const one = row({ key: 1, cpu: 10 });
  for (let tick = 1; tick <= CPU_HISTORY + 5; tick++) {
    one.cpu = tick;
    recordCpu([one], tick, tick === CPU_HISTORY);
  }
  const { d, highest } = sparklinePath(one.recentCpu, CPU_HISTORY + 5);
  assert.equal(highest, CPU_HISTORY + 5);
  assert.equal(d.split("M").length - 1, 2);
  assert.equal(d.split(/[ML]/).length - 1, CPU_HISTORY - 1);
  assert.deepEqual(sparklinePath(null, 3), { d: "", highest: null });
});

test("a chart has axes, and says the value of a moment by keys and pointer", () => {
  const chart = new LineChart("CPU", (value) => `${value} %`, 10);
  chart.draw([1000, 1002, 1004], [1, null, 40]);
  const press = (/** @type {string} */ key) =>
    chart.element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  assert.equal(chart.tip.hidden, true);
  assert.deepEqual([chart.top.textContent, chart.from.textContent], ["42 %", clock(1000)]);
  press("ArrowLeft");
  assert.equal(chart.tip.textContent, `${clock(1004)} · 40 %`);
  press("ArrowLeft");
  assert.equal(chart.tip.textContent, `${clock(1002)} · null %`);
  press("Home");
  assert.equal(chart.tip.textContent, `${clock(1000)} · 1 %`);
  chart.draw([1000, 1002, 1004, 1006], [1, null, 40, 50]);
  assert.equal(chart.tip.textContent, `${clock(1000)} · 1 %`, "the moment moved with the readings");
  press("Escape");
  assert.equal(chart.tip.hidden, true);
  assert.deepEqual([nearest([1, 2, 9], 6), nearest([], 6)], [2, -1]);
});

test("a chart's line breaks where readings are missing", () => {
  const box = { width: 100, height: 10, top: 10 };
  assert.equal(path([0, 1, 2], [0, 10, null], box), "M0.0 10.0L0.0 10.0L50.0 0.0");
  assert.equal(path([0, 1, 2, 50, 51], [1, 1, 1, 1, 1], box).split("M").length - 1, 2);
  assert.equal(path([], [], box), "");
});

test("bytes and runs of numbers read as people write them", () => {
  assert.deepEqual([0, 999, 1023, 1536, 999.9 * 2 ** 20, 1000 * 2 ** 20, null].map(bytes), [
    ...["0 B", "999 B", "1.0 KiB", "1.5 KiB", "999.9 MiB", "1.0 GiB", "—"],
  ]);
  assert.deepEqual([ranges([3, 1, 2, 7]), ranges([4]), ranges([]), ranges(null)], ["1–3, 7", "4", "—", "—"]);
});
