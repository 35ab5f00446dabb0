/** At a past moment the whole view is of it: what is searched, taken along, asked of a row, and said by another view. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { ChartFrame } from "../../procwidget/views/js/charts/chart_frame.js";
import { LineChart } from "../../procwidget/views/js/details/line_chart.js";
import { ASK_PAUSE, PAUSE } from "../../procwidget/views/js/head/pause.js";
import { unknownThen } from "../../procwidget/views/js/search/known_then.js";
import { parse } from "../../procwidget/views/js/search/query.js";
import { dayAndClock } from "../../procwidget/views/js/ui/format.js";
import { GO_TO } from "../../procwidget/views/js/ui/past_events.js";
import { frame, row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

const drawn = () => new Promise((then) => setTimeout(then, 5));

/** @param {import("node:test").TestContext} context */
async function stage(context) {
  const made = table(context);
  const { el, remove } = made.render();
  context.after(remove);
  appear();
  await made.send(ROWS);
  /** Show a moment at which there was `rows`. */
  const go = async (/** @type {any[]} */ rows, time = 1500) => {
    el.dispatchEvent(new KeyboardEvent("keydown", { key: "t", bubbles: true, cancelable: true }));
    const [content, block] = frame({ seq: 1, whole: true, time }, rows);
    const { request } = made.model.sent.filter((/** @type {any} */ one) => one.type === "moment").at(-1);
    const told = { result: "moment", time, first: 900, last: 2000, frame: content, reading: {}, ended: [] };
    made.model.emit("msg:custom", { type: "answer", request, ...told }, [block]);
    await drawn();
  };
  const strips = () => [...made.dashboard.querySelectorAll(".pw-moment")].map((one) => one.getAttribute("data-time"));
  return { ...made, el, go, strips };
}

test("two views of one dashboard in a page say the same moment, and come back together", async (context) => {
  const { el, go, strips, render, send } = await stage(context);
  const other = render();
  context.after(other.remove);
  appear();
  await go([row({ key: 1, pid: 77, name: "then" })]);
  assert.deepEqual(strips(), ["1500", "1500"]);
  assert.deepEqual([pids(el), pids(other.el)], [[77], [77]]);
  other.el.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  await send(ROWS, { whole: true });
  assert.deepEqual(strips(), [null, null]);
  assert.deepEqual(pids(el), [12, 11, 13]);
});

test("nothing is asked about a port or a file, and it is said that this is not known", async (context) => {
  const { el, model, go, send } = await stage(context);
  await go([row({ key: 1, pid: 77, name: "then" })]);
  const search = /** @type {HTMLInputElement} */ (el.querySelector('[aria-label="Filter processes"]'));
  const about = () => el.querySelector('[aria-label="About the search"]')?.textContent;
  search.value = "port:80";
  search.dispatchEvent(new Event("input"));
  await new Promise((then) => setTimeout(then, 350));
  assert.match(about() ?? "", /^port: can only be looked up now/);
  assert.ok(!model.sent.some((/** @type {any} */ { type }) => type === "holders"));
  el.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  await send(ROWS, { whole: true });
  assert.equal(about(), "Looking into processes…");
});

test("a search for what was not read then says so", () => {
  const rows = [row({ key: 1 }), row({ key: 2 })];
  assert.match(unknownThen(parse("read > 5 cpu > 1"), rows), /^Not read then: .+\.$/);
  const known = [{ ...row({ key: 1 }), read: 5 }];
  assert.equal(unknownThen(parse("read > 5 cpu > 1 train"), known), "");
  assert.match(unknownThen(parse("port:80 or file:a"), []), /^port: and file: can/);
});

test("Delete asks nothing and says why", async (context) => {
  const { el, go } = await stage(context);
  await go([row({ key: 1, pid: 77, name: "then" })]);
  const cell = /** @type {HTMLElement} */ (el.querySelector('[data-pid="77"] [data-column="name"]'));
  cell.click();
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true, cancelable: true }));
  assert.equal(el.querySelector('[role="alertdialog"]'), null);
  assert.match(el.querySelector('[aria-label="Last action"]')?.textContent ?? "", /go back to Live/);
});

test("what is copied says of which moment it is", async (context) => {
  const { el, go } = await stage(context);
  const copied = /** @type {string[]} */ ([]);
  const clipboard = { writeText: async (/** @type {string} */ text) => void copied.push(text) };
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  await go([row({ key: 1, pid: 77, name: "then" })]);
  const found = [...el.querySelectorAll("button")].find((one) => one.textContent === "Copy as text");
  found?.click();
  await drawn();
  assert.ok(copied[0]?.startsWith(`As it was on ${dayAndClock(1500)}\n\n`));
  assert.match(el.querySelector('[aria-label="Last action"]')?.textContent ?? "", /as it was at/);
});

test("going to another moment ends a pause", async (context) => {
  const { dashboard, go } = await stage(context);
  const heard = /** @type {boolean[]} */ ([]);
  dashboard.addEventListener(ASK_PAUSE, (event) => heard.push(/** @type {CustomEvent} */ (event).detail.paused));
  dashboard.dispatchEvent(new CustomEvent(PAUSE, { detail: { paused: true } }));
  await go([row({ key: 1, pid: 77, name: "then" })]);
  assert.deepEqual(heard, [false]);
});

test("Escape in a chart goes on to leave the past, and in the present lets go of the chart alone", () => {
  const place = document.createElement("div");
  const around = document.createElement("div");
  around.append(place);
  const words = { key: "cpu", label: "CPU", unit: "percent", series: [] };
  const points = { shown: 60, slot: 1, hidden: new Set(), cells: [], top: () => 100, past: false, time: 2000 };
  const on = { look: () => {}, leave: () => {}, toggle: () => {}, enlarge: () => {} };
  const chart = new ChartFrame(place, /** @type {any} */ ({ words, series: [] }), /** @type {any} */ (points), on);
  let heard = 0;
  around.addEventListener("keydown", () => heard++);
  const press = () => {
    chart.cut(30);
    place.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  };
  press();
  assert.equal(heard, 0);
  points.past = true;
  press();
  assert.equal(heard, 1);
});

test("a click in the chart of a process shows all there was then; so does the space bar", () => {
  const chart = new LineChart("CPU", String, 10);
  const went = /** @type {number[]} */ ([]);
  chart.element.addEventListener(GO_TO, (event) => went.push(/** @type {CustomEvent} */ (event).detail.when));
  assert.match(chart.draw([1000, 1002], [1, 2], "then"), /^then 2/);
  const press = (/** @type {string} */ key) =>
    chart.element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  chart.area.click();
  assert.deepEqual(went, [], "no moment was pointed at");
  press("Home");
  press(" ");
  chart.area.click();
  assert.deepEqual(went, [1000, 1000]);
});
