/** The table as anywidget uses it: views over one store, and what a user's typing and clicking does at once. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, disappear } from "./page.js";
import { listenUnfocused } from "../../procwidget/views/js/ui/shortcuts.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

/** @param {HTMLElement} el */
const search = (el) => /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));

/**
 * @param {HTMLElement} el
 * @param {string} text
 */
function type(el, text) {
  search(el).value = text;
  search(el).dispatchEvent(new Event("input"));
}

test("it watches while it is seen, shows what comes, and stops when it is not", async (context) => {
  const { render, send, watches } = table(context);
  const { el, remove } = render();
  assert.deepEqual(watches(), []);
  appear();
  await send(ROWS);
  assert.deepEqual(pids(el), [12, 11, 13]);
  disappear();
  assert.deepEqual(watches(), [true, false]);
  appear();
  remove();
  assert.deepEqual(watches(), [true, false, true, false]);
  assert.equal(el.childElementCount, 0);
});

test("a click sorts numbers descending first, a second one turns it, before the next frame", async (context) => {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  const heading = /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="memory"]'));
  heading.click();
  assert.deepEqual([heading.getAttribute("aria-sort"), pids(el)], ["descending", [11, 13, 12]]);
  heading.click();
  assert.deepEqual([heading.getAttribute("aria-sort"), pids(el)], ["ascending", [12, 13, 11]]);
  /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="name"]')).click();
  assert.deepEqual(pids(el), [12, 11, 13]);
});

test("typing filters at once and says how many of how many", async (context) => {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  const count = () => el.querySelector(".pw-count")?.textContent;
  assert.equal(count(), "3 processes");
  type(el, "PYTHON 13");
  assert.deepEqual([pids(el), count()], [[13], "1 of 3"]);
  type(el, "nothing is called this");
  assert.deepEqual([pids(el), count()], [[], "0 of 3"]);
  assert.equal(el.querySelector(".pw-empty")?.textContent, "No process matches the filter.");
  type(el, "");
  assert.equal(pids(el).length, 3);
});

test("beside a mistake the last good result stays and nothing is said of matches", async (context) => {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  type(el, "python");
  type(el, "python memry>1g");
  assert.deepEqual([pids(el), el.querySelector(".pw-count")?.textContent], [[11, 13], "2 of 3"]);
  type(el, "nothing is called this");
  const said = () => el.querySelector(".pw-empty")?.textContent;
  assert.equal(said(), "No process matches the filter.");
  type(el, "nothing is called this memry>1g");
  await send([]);
  assert.deepEqual([pids(el), said()], [[], ""]);
});

test("under the pointer numbers move and rows do not", async (context) => {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  const body = /** @type {HTMLElement} */ (el.querySelector(".pw-body"));
  body.dispatchEvent(new Event("pointerenter"));
  assert.equal(el.querySelector(".pw-hint")?.textContent, "Order held");
  await send([row({ ...ROWS[0], key: 1, cpu: 99 }), row({ key: 4, pid: 14, cpu: 100 })], { gone: [2] });
  assert.deepEqual(pids(el), [11, 13, 14]);
  assert.equal(el.querySelectorAll(".pw-body > .pw-row").length, 4);
  assert.equal(el.querySelector('[data-pid="11"] [data-column="cpu"]')?.textContent, "99.0");
  body.dispatchEvent(new Event("pointerleave"));
  await new Promise((drawn) => setTimeout(drawn, 5));
  assert.deepEqual(pids(el), [14, 11, 13]);
  await send([], { time: 2010 });
  assert.equal(el.querySelectorAll(".pw-body > .pw-row").length, 3);
});

test("a newcomer that belongs to the first rows is announced while the order is held, and one key lets go", async (context) => {
  const { dashboard, render, send } = table(context);
  const { el } = render();
  appear();
  const many = Array.from({ length: 20 }, (_, at) => row({ key: 100 + at, pid: 100 + at, cpu: 50 }));
  await send(many);
  const body = /** @type {HTMLElement} */ (el.querySelector(".pw-body"));
  const hint = () => el.querySelector(".pw-hint")?.textContent;
  const spoken = () => el.querySelector('[role="status"][aria-label="Order"]')?.textContent;
  body.dispatchEvent(new Event("pointermove"));
  assert.deepEqual([hint(), spoken()], ["Order held", ""]);
  await send([row({ key: 1, pid: 7, name: "newhog", cpu: 99 }), row({ key: 2, pid: 8, name: "idle", cpu: 1 })]);
  assert.equal(hint(), "1 above is not shown in order: newhog 99.0 %");
  assert.equal(spoken(), "newhog is not shown in order. Press s to sort.");
  await send([row({ key: 1, pid: 7, name: "newhog", cpu: 98 }), row({ key: 3, pid: 9, name: "other", cpu: 97 })]);
  assert.equal(hint(), "2 above are not shown in order: newhog 98.0 %");
  assert.deepEqual(pids(el)[0], 100);
  dashboard.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true, cancelable: true }));
  assert.deepEqual([pids(el).slice(0, 2), hint(), spoken()], [[7, 9], "", ""]);
});

test("paused nothing moves and nothing is watched; resumed it is", async (context) => {
  const { dashboard, render, send, watches } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  const body = /** @type {HTMLElement} */ (el.querySelector(".pw-body"));
  const text = body.textContent;
  dashboard.dispatchEvent(new CustomEvent("procwidget-pause", { detail: { paused: true } }));
  await send([], { gone: [1, 2, 3] });
  assert.equal(body.textContent, text);
  assert.equal(el.querySelector(".pw-hint")?.textContent, "Paused");
  dashboard.dispatchEvent(new CustomEvent("procwidget-pause", { detail: { paused: false } }));
  assert.deepEqual(watches(), [true, false, true]);
  await send([], { whole: true });
  assert.deepEqual(pids(el), []);
});

test("two views of a model share the rows and keep their own filter; a new one starts with the last choices", async (context) => {
  const { render, send, watches } = table(context);
  const first = render();
  const second = render();
  appear();
  await send(ROWS);
  type(first.el, "bash");
  assert.deepEqual([pids(first.el), pids(second.el)], [[12], [12, 11, 13]]);
  assert.deepEqual(watches(), [true]);
  first.remove();
  assert.deepEqual(watches(), [true]);
  const third = render();
  assert.equal(search(third.el).value, "bash");
});

test("a slash anywhere in the dashboard goes to the filter, but is typed where one types", async (context) => {
  const { dashboard, render } = table(context);
  const { el } = render();
  appear();
  const slash = () => new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true });
  dashboard.dispatchEvent(slash());
  assert.equal(document.activeElement, search(el));
  const typed = slash();
  search(el).dispatchEvent(typed);
  assert.equal(typed.defaultPrevented, false);
});

test("a slash goes to the filter where nothing has the focus", (context) => {
  const { el, remove } = table(context).render();
  context.after(remove);
  const press = (/** @type {Element} */ target) => {
    search(el).blur();
    target.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
    return document.activeElement === search(el);
  };
  assert.equal(press(document.body), true);
  assert.equal(press(document.body.appendChild(document.createElement("button"))), false);
});

test("keys without a focus are heard until it is ended", () => {
  /** @type {string[]} */
  const heard = [];
  const stop = listenUnfocused(({ key }) => heard.push(key));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  stop();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "b", bubbles: true }));
  assert.deepEqual(heard, ["a"]);
});

test("the button opens the dialog, the outcome is told beside the table, the focus comes back", async (context) => {
  const { model, render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  const button = /** @type {HTMLElement} */ (el.querySelector('[data-pid="11"] .pw-end'));
  button.focus();
  button.click();
  button.click();
  assert.equal(document.querySelectorAll("dialog").length, 1);
  const { request } = model.sent.find(({ type }) => type === "ask");
  const text = "Process python (11) is gone.";
  model.emit("msg:custom", { type: "answer", request, result: "refused", refusals: [text] });
  const status = el.querySelector('[role="status"][aria-label="Last action"]');
  assert.equal(status?.textContent, text);
  await send([row({ key: 9, pid: 19, cpu: 1000 })]);
  assert.deepEqual(pids(el), [12, 11, 13, 19], "a row moved while a dialog was open");
  /** @type {HTMLElement} */ (document.querySelector("dialog button")).click();
  assert.equal(document.activeElement, button);
});

test("it starts as Python said", async (context) => {
  const { render, send } = table(context, { sort_by: "name", filter: "python", actions: false });
  const { el } = render();
  appear();
  await send(ROWS);
  assert.deepEqual(pids(el), [11, 13]);
  assert.equal(el.querySelector(".pw-end"), null);
  assert.match(el.querySelector(".pw-foot")?.textContent ?? "", /Ending processes is switched off here/);
  assert.doesNotMatch(
    el.querySelector(".pw-tools")?.textContent ?? "",
    /switched off/,
    "the toolbar has no room for it",
  );
});

test("a figure that may not be read says why", async (context) => {
  const { render, send } = table(context, { columns: ["pid", "read", "unit"] });
  const { el } = render();
  appear();
  await send(ROWS);
  const titles = [...el.querySelectorAll('.pw-body [data-column="read"]')].map((cell) => cell.getAttribute("title"));
  assert.deepEqual([...new Set(titles)], ["Of other users' processes only root may read this."]);
  assert.equal(el.querySelector('.pw-body [data-column="unit"]')?.getAttribute("title") ?? "", "");
});

test("groups by what is read on demand have it read", async (context) => {
  const { model, render, send } = table(context, { columns: ["pid", "name"] });
  const { el } = render();
  appear();
  await send(ROWS);
  const select = /** @type {HTMLSelectElement} */ (el.querySelector(".pw-show-as select"));
  select.value = "container";
  select.dispatchEvent(new Event("change"));
  const wanted = model.sent.filter((sent) => sent.type === "fields").map(({ keys }) => keys);
  const withNames = ["notebook", "notebook_path"];
  assert.deepEqual(wanted, [withNames, ["container", ...withNames]]);
});

test("the kernel hears which fields to read on demand, and no others, while they are shown or searched", async (context) => {
  const { model, render, send } = table(context, { columns: ["pid", "user", "priority"] });
  const { el, remove } = render();
  const wanted = () => model.sent.filter((sent) => sent.type === "fields").map(({ keys }) => keys);
  assert.deepEqual(wanted(), []);
  appear();
  await send(ROWS);
  assert.deepEqual(wanted(), [["priority"]]);
  type(el, "user_time>1 cpu>0");
  type(el, "user_time>12 cpu>0");
  assert.deepEqual(wanted().slice(1), [["priority", "user_time"]]);
  type(el, "");
  assert.deepEqual(wanted().at(-1), ["priority"]);
  disappear();
  appear();
  assert.deepEqual(wanted().at(-1), ["priority"]);
  remove();
});

test("a bar says how much before one reads it, and what is nothing is faint", async (context) => {
  const { render, send } = table(context, { cores: 2 });
  const { el } = render();
  appear();
  await send(
    [
      row({ key: 1, pid: 11, cpu: 150, memory: 512 }),
      row({ key: 2, pid: 12, cpu: 0, memory: 0 }),
      row({ key: 3, pid: 13, cpu: 2, memory: 1 }),
      row({ key: 4, pid: 14, cpu: 0.04, memory: 10 }),
    ],
    { memory_total: 2 ** 30 },
  );
  const cell = (/** @type {number} */ pid, /** @type {string} */ column) =>
    /** @type {HTMLElement} */ (el.querySelector(`[data-pid="${pid}"] [data-column="${column}"]`));
  const bar = (/** @type {number} */ pid, /** @type {string} */ column) =>
    cell(pid, column).style.getPropertyValue("--pw-part");
  assert.deepEqual([bar(11, "cpu"), bar(11, "memory")], ["75%", "50%"]);
  assert.deepEqual([bar(12, "cpu"), bar(13, "cpu")], ["", ""], "a bar that is hardly to be seen is none");
  const faint = (/** @type {number} */ pid, /** @type {string} */ column) =>
    cell(pid, column).classList.contains("pw-zero");
  assert.deepEqual([faint(12, "cpu"), faint(12, "memory"), faint(14, "cpu")], [true, true, true]);
  assert.deepEqual([faint(11, "cpu"), faint(13, "cpu"), faint(14, "memory")], [false, false, false]);
});
