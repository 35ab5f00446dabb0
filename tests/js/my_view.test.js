/** What a user chose is there next time: kept by the browser, given back, and forgotten by one button. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { MyView } from "../../procwidget/views/js/layout/my_view.js";
import { PRESETS } from "../../procwidget/views/js/layout/presets.js";
import { firstChoices, usualView } from "../../procwidget/views/js/layout/saved_choices.js";
import { EVERY } from "../../procwidget/views/js/table/columns.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

/** @param {Record<string, string>} [items] */
function browser(items = {}) {
  const storage = {
    items,
    getItem: (/** @type {string} */ key) => items[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (items[key] = value),
    removeItem: (/** @type {string} */ key) => void delete items[key],
  };
  return /** @type {Storage & { items: Record<string, string> }} */ (/** @type {unknown} */ (storage));
}

/** @param {import("node:test").TestContext} context @param {Storage} storage */
function use(context, storage) {
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  context.after(() => Reflect.deleteProperty(globalThis, "localStorage"));
}

const OPTIONS = { sort_by: "cpu", rows: 15, filter: "", actions: true };

/** @param {HTMLElement} el @param {string} label */
function press(el, label) {
  const found = [...el.querySelectorAll("button")].find(({ textContent }) => textContent === label);
  assert.ok(found, label);
  found.click();
}

/** @param {HTMLElement} el */
const sorted = (el) => el.querySelector('[aria-sort$="ending"]')?.getAttribute("data-column");

/** @param {HTMLElement} el */
const kind = (el) => /** @type {HTMLSelectElement} */ (el.querySelector(".pw-show-as select")).value;

test("the next visit has the columns, sort and rows of this one, and a reset is as if there had been none", async (context) => {
  const storage = browser();
  use(context, storage);
  const visit = async () => {
    const { render, send } = table(context);
    const { el, remove } = render();
    context.after(remove);
    appear();
    await send(ROWS);
    return el;
  };
  const first = await visit();
  assert.deepEqual(storage.items, {}, "what nobody chose was kept");
  /** @type {HTMLElement} */ (first.querySelector('[role="columnheader"][data-column="memory"]')).click();
  press(first, "Apps");
  const second = await visit();
  assert.deepEqual([sorted(second), kind(second)], ["memory", "app"]);
  press(second, "Reset my view");
  assert.deepEqual([sorted(second), kind(second), storage.items], ["cpu", "list", {}]);
  const third = await visit();
  assert.deepEqual([sorted(third), kind(third)], ["cpu", "list"]);
});

test("what Python asks for goes before what was kept", () => {
  const storage = browser();
  const mine = new MyView(storage);
  mine.keep(usualView(OPTIONS));
  mine.keep({
    ...usualView(OPTIONS),
    sort: [{ key: "name", descending: false }],
    columns: ["pid"],
    kind: "tree",
  });
  const chosen = firstChoices({ ...OPTIONS, sort_by: "memory", columns: ["name", "cpu"] }, new MyView(storage));
  assert.deepEqual([chosen.sort[0]?.key, chosen.columns, chosen.kind], ["memory", ["name", "cpu"], "tree"]);
  const usual = firstChoices(OPTIONS, new MyView(storage));
  assert.deepEqual([usual.sort[0]?.key, usual.columns], ["name", ["pid"]]);
});

test("a ready-made view and open panels that Python asks for go before what was kept, and a reset brings them back", async (context) => {
  const storage = browser();
  use(context, storage);
  const mine = new MyView(storage);
  mine.keep(usualView(OPTIONS));
  mine.keep({ ...usualView(OPTIONS), kind: "tree", panels: ["memory"], columns: ["pid"] });
  const asked = { ...OPTIONS, sort_by: "written", preset: "disk", columns: ["name", "written"], open_panels: ["cpu"] };
  const { sort, kind: rows, panels, columns } = firstChoices(asked, new MyView(storage));
  assert.deepEqual(
    [sort.map(({ key }) => key), rows, panels, columns],
    [["written", "read"], "list", ["cpu"], ["name", "written"]],
  );
  assert.deepEqual(usualView({ ...OPTIONS, preset: "notebook", sort_by: "cpu" }).sort, [
    { key: "cpu", descending: true },
  ]);
  const titles = ["cpu", "memory"].map((name) => ({ name, title: name }));
  const { model, render } = table(context, { ...OPTIONS, panels: titles, open_panels: ["cpu"] });
  const { el, remove } = render();
  context.after(remove);
  appear();
  const open = () =>
    [...el.querySelectorAll('.pw-panel-button[aria-expanded="true"]')].map(({ textContent }) => textContent);
  assert.ok(model);
  assert.deepEqual(open(), ["cpu"]);
  press(el, "memory");
  press(el, "cpu");
  assert.deepEqual(open(), ["memory"]);
  press(el, "Reset my view");
  assert.deepEqual(open(), ["cpu"]);
});

test("in a notebook the kernel keeps the view: it comes with the options, and changes go there", async (context) => {
  const storage = browser();
  use(context, storage);
  const { model, render, send } = table(context, { ...OPTIONS, my_view: { kind: "app" } });
  const { el, remove } = render();
  context.after(remove);
  appear();
  await send(ROWS);
  const kept = () => model.sent.filter(({ type }) => type === "keep").map(({ chosen }) => chosen);
  assert.deepEqual([kind(el), kept()], ["app", []]);
  press(el, "Tree");
  assert.deepEqual(kept(), [{ kind: "tree" }]);
  press(el, "Reset my view");
  assert.deepEqual([kept().at(-1), kind(el), storage.items], [{}, "list", {}]);
});

test("what is no view is not taken, and a browser that keeps nothing is no reason to fail", () => {
  const key = new MyView(null).key;
  const bad = {
    sort: [],
    columns: [1],
    widths: { cpu: "wide" },
    kind: 3,
    kernelThreads: 1,
    place: {},
    mine: { kind: 1 },
  };
  assert.deepEqual(new MyView(browser({ [key]: JSON.stringify(bad) })).load(), {});
  assert.deepEqual(new MyView(browser({ [key]: "no JSON" })).load(), {});
  const full = browser();
  full.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  for (const mine of [new MyView(null), new MyView(full)]) {
    mine.keep(usualView(OPTIONS));
    mine.keep({ ...usualView(OPTIONS), kind: "app" });
    assert.equal(mine.load().kind, "app");
  }
});

test("each ready-made view has columns that there are, among them what it sorts by", () => {
  assert.deepEqual([...PRESETS.keys()], ["cpu", "memory", "disk", "gpu", "notebook"]);
  const keys = EVERY.map(({ key }) => key);
  for (const [name, { sort, columns }] of PRESETS) {
    for (const one of sort) {
      assert.ok((columns ?? keys).includes(one.key) && keys.includes(one.key), name);
    }
  }
});

test("a ready-made view has its columns read, one's own comes back, and threads of the kernel can be left out", async (context) => {
  use(context, browser());
  const { model, render, send } = table(context);
  const { el, remove } = render();
  context.after(remove);
  appear();
  await send([...ROWS, row({ key: 9, pid: 40, name: "kworker", ppid: 2, command: null })]);
  press(el, "Disk");
  assert.equal(sorted(el), "written");
  assert.ok(
    model.sent
      .filter(({ type }) => type === "fields")
      .at(-1)
      .keys.includes("read"),
  );
  press(el, "Apps");
  press(el, "Keep this as Mine");
  press(el, "CPU");
  assert.deepEqual([sorted(el), kind(el)], ["cpu", "list"]);
  press(el, "Mine");
  assert.deepEqual([sorted(el), kind(el)], ["written", "app"]);
  press(el, "CPU");
  assert.ok(pids(el).includes(40));
  const box = /** @type {HTMLInputElement} */ (el.querySelector(".pw-switch input"));
  box.checked = false;
  box.dispatchEvent(new Event("change"));
  assert.deepEqual([pids(el).includes(40), el.querySelector(".pw-count")?.textContent], [false, "3 of 4"]);
});

test("j, k, g and G go down, up, to the first row and to the last", async (context) => {
  const { render, send } = table(context);
  const { el, remove } = render();
  context.after(remove);
  appear();
  await send(ROWS);
  const go = (/** @type {string} */ key) => {
    const shiftKey = key === "G";
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }),
    );
    return Number(document.activeElement?.closest("[data-pid]")?.getAttribute("data-pid"));
  };
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="cpu"]')).focus();
  assert.deepEqual(["j", "j", "k", "G", "g"].map(go), [11, 13, 11, 13, 12]);
});
