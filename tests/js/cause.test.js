/** What the head asks of the table, and telling when a process ends. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { ChartMarks } from "../../procwidget/views/js/connection/chart_marks.js";
import { SiblingModels } from "../../procwidget/views/js/connection/sibling_models.js";
import { tellMenuItem } from "../../procwidget/views/js/events/tell_end.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

/** @param {import("node:test").TestContext} context */
async function shown(context) {
  const made = table(context);
  const { el, remove } = made.render();
  context.after(remove);
  appear();
  await made.send(ROWS);
  /** @param {string} type @param {any} detail */
  const tell = (type, detail) => made.dashboard.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  return { ...made, el, tell };
}

test("Show puts the search for the cause into the search box", async (context) => {
  const { el, tell } = await shown(context);
  tell("procwidget-show", "pid=12");
  const box = /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));
  assert.equal(box.value, "pid=12");
  assert.deepEqual(pids(el), [12]);
});

test("End… asks about the processes that are the cause, and of those that are gone it says so", async (context) => {
  const { dashboard, el, model, tell } = await shown(context);
  assert.equal(dashboard.getAttribute("data-acts"), "true");
  const identities = ROWS.filter(({ name }) => name === "python").map(({ identity }) => identity);
  tell("procwidget-end", identities);
  const dialog = /** @type {HTMLElement} */ (el.querySelector('[role="alertdialog"]'));
  assert.match(dialog.textContent ?? "", /End 2 python processes\?/);
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual([...asked.identities].sort(), [...identities].sort());
  assert.equal(asked.signal, "SIGTERM");
  /** @type {HTMLElement} */ (dialog.querySelector("button")).click();
  tell("procwidget-end", ["99-9"]);
  assert.equal(el.querySelector('[aria-label="Last action"]')?.textContent, "There is no such process any more.");
});

test("the details' button has the end of a process told, and shows that it is", async (context) => {
  const { el, model, send } = await shown(context);
  const [python] = ROWS;
  /** @type {HTMLElement} */ (el.querySelector('[aria-label="Details of python (11)"]')).click();
  const button = /** @type {HTMLElement} */ (el.querySelector('[aria-label="Tell when it ends: python (11)"]'));
  button.click();
  const { request, view, ...sent } = model.sent.at(-1);
  assert.deepEqual(sent, { type: "tell", identity: python?.identity, on: true });
  model.emit("msg:custom", { type: "answer", request, result: "told", on: true });
  const note = el.querySelector('[aria-label="About these details"]');
  assert.equal(note?.textContent, "You are told when python (11) ends.");
  await send(ROWS, { telling: [python?.identity] });
  assert.equal(button.getAttribute("aria-pressed"), "true");
  await send(ROWS);
  assert.equal(button.getAttribute("aria-pressed"), "true", "frames say it when it changes");
  button.click();
  assert.equal(model.sent.at(-1).on, false);
  await send(ROWS, { telling: [] });
  assert.equal(button.getAttribute("aria-pressed"), "false");
});

test("the entry for a row's menu says and does the same", () => {
  /** @type {any[]} */
  const sent = [];
  const one = row({ key: 1, pid: 7 });
  const link = { telling: new Set([one.identity]), request: (/** @type {any} */ content) => (sent.push(content), "r") };
  const item = tellMenuItem(link, one, () => {});
  assert.equal(item.label, "Do not tell when it ends");
  item.act();
  assert.deepEqual(sent, [{ type: "tell", identity: one.identity, on: false }]);
  link.telling.clear();
  assert.equal(tellMenuItem(link, one, () => {}).label, "Tell when it ends");
});

/** Marks of two charts, and what their models were told. */
function marks() {
  /** @type {any[]} */
  const told = [];
  const siblings = new SiblingModels(undefined);
  for (const name of ["cpu", "memory"]) {
    siblings.known.set(name, { get: () => null, set_state: (/** @type {any} */ state) => told.push([name, state]) });
  }
  return { told, made: new ChartMarks(siblings, 300) };
}

test("marks stand where events began, differ by more than their colour, and move into the past with the lines", () => {
  const { told, made } = marks();
  made.take([
    [
      "cpu",
      [
        [290, "warning"],
        [10, "critical"],
      ],
    ],
    ["memory", []],
  ]);
  assert.equal(told.length, 1, "a chart without marks is not drawn");
  assert.deepEqual([...told[0][1].x], [-290, -10]);
  assert.equal(new Set(told[0][1].text).size, 2);
  made.age(20);
  assert.deepEqual([told[1][0], [...told[1][1].x]], ["cpu", [-30]]);
  made.take([
    ["cpu", []],
    ["memory", []],
  ]);
  assert.deepEqual([...told[2][1].x], []);
  made.age(20);
  assert.equal(told.length, 3, "without marks nothing is done");
});
