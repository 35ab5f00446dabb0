/** What is shown leaves the page as CSV, JSON or text, with the values that it has. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { EVERY, columnsFor } from "../../procwidget/views/js/table/columns.js";
import { asCsv, asJson, asText, fileName } from "../../procwidget/views/js/table/export.js";
import { row, THRESHOLDS } from "./rows.js";
import { ROWS, table } from "./views.js";

const SCENE = { time: 2000, memoryTotal: 1000, thresholds: THRESHOLDS };

/** @param {string[]} keys @param {import("../../procwidget/views/js/types.js").Row[]} list */
const shown = (keys, list) => ({ list, columns: columnsFor("cpu", keys), places: null, scene: SCENE });

test("CSV has the keys, then the values themselves; text with commas and quotes comes back whole", () => {
  const list = [row({ key: 7, name: 'a,"b"', cpu: 12.345, memory: null }), row({ key: 8, name: "c", cpu: 1 })];
  const lines = asCsv(shown(["pid", "name", "cpu", "memory", "trace", "age"], list)).split("\r\n");
  assert.deepEqual(lines, ["pid,name,cpu,memory,age", '7,"a,""b""",12.345,,1000', "8,c,1,1,1000", ""]);
});

test("what a spreadsheet would take for a formula is text in it, and a number stays one", () => {
  const list = [row({ key: 1, name: '=HYPERLINK("http://x")', nice: -5 })];
  assert.equal(asCsv(shown(["name", "nice"], list)).split("\r\n")[1], `"'=HYPERLINK(""http://x"")",-5`);
});

test("JSON is a list of the shown columns, and a group says how many processes it is", () => {
  const [one, two] = [row({ key: 1, cpu: 2 }), row({ key: 2, cpu: 3 })];
  const group = { ...row({ key: -1, name: "sleep", cpu: 5 }), group: [one, two] };
  const given = { ...shown(["pid", "name", "cpu"], [group, one]), places: new Map() };
  assert.deepEqual(JSON.parse(asJson(given)), [
    { pid: null, name: "sleep", cpu: 5, processes: 2 },
    { pid: 1, name: "sleep", cpu: 2, processes: 1 },
  ]);
});

test("text is in columns as it is read, and every column can be taken along", () => {
  const list = [row({ key: 7, name: "train", cpu: 99.5 }), row({ key: 1234, name: "x", cpu: 0 })];
  assert.equal(
    asText(shown(["pid", "name", "cpu"], list)),
    " PID  Name   CPU %\n   7  train   99.5\n1234  x        0.0\n",
  );
  const all = shown(
    EVERY.map(({ key }) => key),
    list,
  );
  assert.equal(asCsv(all).split("\r\n").length, 4);
});

test("a saved file is named by local time, as the page shows it", (context) => {
  const zone = process.env["TZ"];
  context.after(() => {
    if (zone === undefined) {
      delete process.env["TZ"];
    } else {
      process.env["TZ"] = zone;
    }
  });
  process.env["TZ"] = "Asia/Kolkata";
  const seconds = Date.UTC(2026, 10, 29, 20, 3, 22) / 1000;
  assert.equal(fileName(seconds, "csv"), "processes-2026-11-30T01-33-22.csv");
});

test("the kernel hears how the table is arranged, when that changes", async (context) => {
  const { model, render, send } = table(context, { columns: ["pid", "name"] });
  const { el, remove } = render();
  context.after(remove);
  appear();
  await send(ROWS);
  await send([]);
  const told = () => model.sent.filter(({ type }) => type === "shows").map(({ view, ...rest }) => rest);
  const first = { type: "shows", sort: [["cpu", true]], filter: "", columns: ["pid", "name"], kernel_threads: true };
  assert.deepEqual(told(), [first]);
  /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="name"]')).click();
  assert.deepEqual(told().slice(1), [{ ...first, sort: [["name", false]] }]);
});
