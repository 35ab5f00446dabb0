/** Selecting and acting in the table: boxes, keys, the bar, and what the kernel is told. */

import assert from "node:assert/strict";
import test from "node:test";
import { Controls } from "../../procwidget/views/js/head/controls.js";
import { LEAST, MOST } from "../../procwidget/views/js/signals/last_action.js";
import { appear } from "./page.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

/**
 * @param {HTMLElement} el
 * @param {string} label
 */
const named = (el, label) => /** @type {HTMLInputElement} */ (el.querySelector(`[aria-label="${label}"]`));

/**
 * @param {HTMLElement} el
 * @param {string} text
 */
const button = (el, text) =>
  /** @type {HTMLButtonElement} */ ([...el.querySelectorAll("button")].find((one) => one.textContent === text));

/**
 * @param {HTMLElement} el
 * @param {boolean} [shiftKey]
 */
const click = (el, shiftKey = false) => el.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey }));

/** @param {import("node:test").TestContext} context */
async function shown(context, options = {}) {
  const made = table(context, options);
  const { el, remove } = made.render();
  appear();
  await made.send(ROWS);
  const selects = () => made.model.sent.filter(({ type }) => type === "select").map(({ identities }) => identities);
  const bar = () => el.querySelector(".pw-selected")?.textContent;
  /** @param {string} key */
  const press = (key, with_ = {}) =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...with_ }),
    );
  return { ...made, el, remove, selects, bar, press };
}

test("a box selects its process, says so on the row and to the kernel; shift takes all between", async (context) => {
  const { el, selects, bar } = await shown(context);
  assert.equal(bar(), "");
  click(named(el, "Select bash (12)"));
  assert.deepEqual(selects(), [["12-2"]]);
  assert.equal(bar(), "1 selected");
  assert.deepEqual(
    [...el.querySelectorAll("[data-pid]")].map((line) => line.getAttribute("aria-selected")),
    ["true", "false", "false"],
  );
  click(named(el, "Select python (13)"), true);
  assert.deepEqual(selects().at(-1), ["12-2", "11-1", "13-3"]);
  assert.equal(named(el, "Select all shown").checked, true);
});

test("the selection survives sorting, searching, ticks and another view; what ended leaves it", async (context) => {
  const { el, remove, render, send, selects, bar } = await shown(context);
  click(named(el, "Select bash (12)"));
  click(named(el, "Select python (11)"));
  assert.equal(named(el, "Select all shown").indeterminate, true);
  /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="memory"]')).click();
  const search = named(el, "Filter processes");
  search.value = "bash";
  search.dispatchEvent(new Event("input"));
  assert.deepEqual([pids(el), bar()], [[12], "2 selected, 1 of them not shown"]);
  await send([row({ ...ROWS[1], key: 2, cpu: 1 })]);
  assert.equal(bar(), "2 selected, 1 of them not shown");
  remove();
  const second = render();
  appear();
  assert.equal(second.el.querySelector(".pw-selected")?.textContent, "2 selected, 1 of them not shown");
  await send(ROWS.slice(1), { whole: true });
  assert.deepEqual(selects().at(-1), ["12-2"]);
});

test("the header's box takes all that are shown and lets go of them", async (context) => {
  const { el, selects } = await shown(context, { filter: "python" });
  const all = named(el, "Select all shown");
  click(all);
  assert.deepEqual(selects(), [["11-1", "13-3"]]);
  click(all);
  assert.deepEqual(selects().at(-1), []);
});

test("Space selects the row, with Shift a range; Delete asks to end what is selected", async (context) => {
  const { el, model, selects, press } = await shown(context);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="name"]')).focus();
  press(" ");
  press("ArrowDown");
  press(" ", { shiftKey: true });
  assert.deepEqual(selects().at(-1), ["12-2", "11-1"]);
  press("ArrowDown");
  press("Delete");
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual([asked.identities, asked.signal], [["12-2", "11-1"], "SIGTERM"]);
  assert.match(document.querySelector("dialog")?.textContent ?? "", /End 2 processes\?/);
});

test("the button in a row is about this row alone, whatever is selected", async (context) => {
  const { el, model } = await shown(context);
  click(named(el, "Select bash (12)"));
  click(named(el, "End python (11)"));
  assert.deepEqual(model.sent.find(({ type }) => type === "ask").identities, ["11-1"]);
});

test("the bar offers every action, and the subtree for one", async (context) => {
  const { el, model, send, selects } = await shown(context);
  await send([row({ key: 4, pid: 14, ppid: 12 })]);
  click(named(el, "Select bash (12)"));
  click(button(el, "Select its subtree"));
  assert.deepEqual(selects().at(-1), ["12-2", "14-4"]);
  assert.equal(button(el, "Select its subtree").hidden, true);
  const actions = button(el, "Actions");
  click(actions);
  assert.equal(actions.getAttribute("aria-expanded"), "true");
  const items = [...el.querySelectorAll('.pw-batch [role="menuitem"]')];
  assert.deepEqual(
    items.map(({ textContent }) => textContent),
    [
      ...["End…", "End whole tree…", "Force kill…", "Stop…", "Continue…", "Interrupt…", "Hang up…", "Quit…"],
      ...["Send SIGUSR1…", "Send SIGUSR2…", "Renice…", "Set I/O priority…", "Set CPUs…", "Set OOM score…"],
    ],
  );
  assert.equal(document.activeElement, items[0]);
  click(/** @type {HTMLElement} */ (items[3]));
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual([asked.identities, asked.signal], [["12-2", "14-4"], "SIGSTOP"]);
  /** @type {HTMLElement} */ (document.querySelector("dialog button")).click();
  assert.equal(document.activeElement, actions);
  click(button(el, "Clear selection"));
  assert.deepEqual(selects().at(-1), []);
});

test("a whole tree ends with one confirmation that names its root and how many are below it", async (context) => {
  const { el, model, send } = await shown(context);
  await send([row({ key: 4, pid: 14, ppid: 12 }), row({ key: 5, pid: 15, ppid: 14 })]);
  click(named(el, "Select bash (12)"));
  click(button(el, "Actions"));
  click(button(el, "End whole tree…"));
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual([asked.identities, asked.signal], [["12-2", "14-4", "15-5"], "SIGTERM"]);
  assert.match(document.querySelector("dialog")?.textContent ?? "", /^End bash \(12\) and its 2 descendants\?/);
});

test("a group ends with the button in its row: two clicks for all its processes", async (context) => {
  const { el, model, send } = await shown(context);
  const many = Array.from({ length: 64 }, (_, at) => row({ key: 100 + at, pid: 100 + at, name: "joblib" }));
  await send(many);
  const as = /** @type {HTMLSelectElement} */ (el.querySelector("select.pw-kinds"));
  as.value = "name";
  as.dispatchEvent(new Event("change"));
  click(named(el, "End joblib (64 processes)"));
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.equal(asked.identities.length, 64);
  assert.match(document.querySelector("dialog")?.textContent ?? "", /^End 64 joblib processes\?/);
});

test("of a group of more than 500 the rest is left out, and that is said", async (context) => {
  const { el, model, send } = await shown(context);
  await send(Array.from({ length: 520 }, (_, at) => row({ key: 100 + at, pid: 100 + at, name: "joblib" })));
  const as = /** @type {HTMLSelectElement} */ (el.querySelector("select.pw-kinds"));
  as.value = "name";
  as.dispatchEvent(new Event("change"));
  click(named(el, "End joblib (520 processes)"));
  assert.equal(model.sent.find(({ type }) => type === "ask").identities.length, 500);
  const [request] = model.sent.filter(({ type }) => type === "ask").map((one) => one.request);
  assert.ok(request);
});

test("a menu is walked by arrows and closed by Escape, which goes no further", async (context) => {
  const { el, press } = await shown(context);
  click(named(el, "Select bash (12)"));
  const actions = button(el, "Actions");
  actions.focus();
  press("ArrowDown");
  press("ArrowUp");
  assert.equal(document.activeElement?.textContent, "Set OOM score…");
  press("Home");
  assert.equal(document.activeElement?.textContent, "End…");
  press("Escape");
  assert.deepEqual([document.activeElement, actions.getAttribute("aria-expanded")], [actions, "false"]);
});

test("where actions are off one selects all the same, and nothing asks to end", async (context) => {
  const { el, model, selects, press } = await shown(context, { actions: false });
  click(named(el, "Select bash (12)"));
  assert.deepEqual(selects(), [["12-2"]]);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="name"]')).focus();
  press("Delete");
  assert.equal(button(el, "Actions").closest("[hidden]") !== null, true);
  assert.equal(
    model.sent.some(({ type }) => type === "ask"),
    false,
  );
});

test("a question mark lists the keys and gives the focus back; in a box it is typed", async (context) => {
  const { el, press } = await shown(context);
  const cell = /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="name"]'));
  cell.focus();
  press("?", { shiftKey: true });
  const dialog = document.querySelector("dialog");
  assert.match(dialog?.textContent ?? "", /Space.*Delete/s);
  dialog?.close();
  assert.equal(document.activeElement, cell);
  named(el, "Filter processes").focus();
  press("?");
  assert.equal(document.querySelector("dialog"), null);
  const box = named(el, "Select bash (12)");
  box.focus();
  press("/");
  assert.equal(document.activeElement, named(el, "Filter processes"));
});

test("on Windows no signal is offered that is not there, and End promises no time to save", async (context) => {
  const system = {
    lacking: { SIGINT: "No interrupt there.", renice: "No nice there." },
    meanings: { SIGTERM: "It ends at once." },
  };
  const { el } = await shown(context, { system });
  click(named(el, "Select bash (12)"));
  const items = [...el.querySelectorAll('.pw-batch [role="menuitem"]')].map((item) => item.textContent);
  assert.deepEqual(items.slice(0, 5), ["End…", "End whole tree…", "Force kill…", "Stop…", "Continue…"]);
  assert.ok(!items.includes("Interrupt…") && !items.includes("Set nice value…"), String(items));
  assert.equal(button(el, "Actions").title, "No interrupt there. No nice there.");
  named(el, "End bash (12)").click();
  assert.match(el.querySelector('[role="alertdialog"]')?.textContent ?? "", /It ends at once\./);
});

test("a page that was opened to look only shows no buttons that would do something", async (context) => {
  document.body.dataset["lookOnly"] = "true";
  context.after(() => delete document.body.dataset["lookOnly"]);
  const { el, model, press, remove } = await shown(context, { reveal: true });
  context.after(remove);
  assert.equal(el.querySelector(".pw-end"), null);
  assert.match(el.textContent ?? "", /Ending processes is switched off here\./);
  click(named(el, "Select bash (12)"));
  assert.equal(button(el, "Actions").closest("[hidden]") !== null, true);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="name"]')).focus();
  press("Delete");
  click(named(el, "Details of bash (12)"));
  assert.equal(named(el, "Show the whole command of bash (12)").hidden, true);
  assert.equal(
    model.sent.some(({ type }) => type === "ask" || type === "reveal"),
    false,
  );
  assert.equal(new Controls({ pause: () => undefined, interval: () => undefined }).select.disabled, true);
});

test("what became of an action is said until its processes are gone, and never for ever", async (context) => {
  const { el, model, send } = await shown(context);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const said = () => el.querySelector('[aria-label="Last action"]')?.textContent;
  const text = "Ended bash (12): its parent has not collected it yet";
  const end = () => {
    named(el, "End bash (12)").click();
    const { request } = model.sent.filter(({ type }) => type === "ask").at(-1);
    model.emit("msg:custom", { type: "answer", request, result: "refused", refusals: [text] });
    /** @type {HTMLElement} */ (el.querySelector("dialog button")).click();
  };
  end();
  context.mock.timers.tick(LEAST);
  context.mock.timers.tick(MOST - LEAST - 1);
  assert.equal(said(), text, "it is there still");
  context.mock.timers.tick(1);
  assert.equal(said(), "", "it is long ago");
  end();
  void send([], { gone: [2] });
  context.mock.timers.tick(LEAST - 1);
  assert.equal(said(), text, "nobody can have read it");
  context.mock.timers.tick(1);
  assert.equal(said(), "", "it is no longer so");
});
