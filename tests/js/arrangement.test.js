/** Arranging columns and sort keys: pure functions, and the menu and headings that use them. */

import assert from "node:assert/strict";
import test from "node:test";
import { moved, sorted, toggled } from "../../procwidget/views/js/layout/columns_and_sort.js";
import { columnsFor, COLUMNS, EVERY } from "../../procwidget/views/js/table/columns.js";
import { LEAST, MOST, columnWidths, clampWidth } from "../../procwidget/views/js/table/widths.js";
import { appear } from "./page.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

const SCENE = {
  time: 2000,
  memoryTotal: 1,
  thresholds: {
    process_cpu: /** @type {[number, number]} */ ([1, 2]),
    process_memory: /** @type {[number, number]} */ ([1, 2]),
  },
};

test("a column chosen again turns; another one alone replaces both keys", () => {
  const cpu = { key: "cpu", numeric: true };
  const name = { key: "name", numeric: false };
  const once = sorted([], cpu, false);
  assert.deepEqual(once, [{ key: "cpu", descending: true }]);
  assert.deepEqual(sorted(once, cpu, false), [{ key: "cpu", descending: false }]);
  const both = sorted(once, name, true);
  assert.deepEqual(both, [
    { key: "cpu", descending: true },
    { key: "name", descending: false },
  ]);
  assert.deepEqual(sorted(both, cpu, false), [{ key: "cpu", descending: false }, both[1]]);
  assert.deepEqual(sorted(both, { key: "pid", numeric: true }, false), [{ key: "pid", descending: true }]);
});

test("a second key turns when chosen again and goes the third time", () => {
  const name = { key: "name", numeric: false };
  let sort = [{ key: "cpu", descending: true }];
  sort = sorted(sort, name, true);
  sort = sorted(sort, name, true);
  assert.deepEqual(sort[1], { key: "name", descending: true });
  assert.equal(sorted(sort, name, true).length, 1);
});

test("a moved key stops at the edges, and no key is lost or doubled", () => {
  const keys = ["a", "b", "c"];
  assert.deepEqual(moved(keys, "a", 1), ["b", "a", "c"]);
  assert.deepEqual(moved(keys, "a", 9), ["b", "c", "a"]);
  assert.deepEqual(moved(keys, "c", -1), ["c", "a", "b"]);
  assert.deepEqual(moved(keys, "x", 0), keys);
});

test("a column that is shown comes where it usually is, and the last one cannot be hidden", () => {
  const usual = ["a", "b", "c", "d"];
  assert.deepEqual(toggled(["d", "a"], "b", usual), ["d", "a", "b"]);
  assert.deepEqual(toggled(["b", "d"], "a", usual), ["a", "b", "d"]);
  assert.deepEqual(toggled(["a", "b"], "a", usual), ["b"]);
  assert.deepEqual(toggled(["a"], "a", usual), ["a"]);
});

test("Python's columns are shown in its order at every width; unknown and doubled keys are left out", () => {
  const columns = columnsFor("cpu", ["session", "pid", "nothing", "pid"]);
  assert.deepEqual(
    columns.map(({ key, from }) => [key, from]),
    [
      ["session", 0],
      ["pid", 0],
    ],
  );
  assert.deepEqual(columnsFor("cpu", ["nothing"]), COLUMNS);
});

test("every column says unknown where it is", () => {
  const unknown = row({
    key: 1,
    ...{ user: null, started: null, command: null, ppid: null, nice: null, session: null },
    ...{ cpu: null, memory: null, cpu_time: null, threads: null, status: null },
  });
  for (const column of EVERY.filter(({ key }) => !["pid", "name", "trace"].includes(key))) {
    assert.equal(column.text(unknown, SCENE), "—", column.key);
    assert.equal(column.order(unknown), null, column.key);
  }
});

test("widths depend on the width and the user alone, and somebody takes the room that is left", () => {
  const columns = columnsFor("cpu", ["pid", "cpu"]);
  assert.equal(columnWidths(columns, 1000, {}).template, "76px minmax(84px, 1fr)");
  const own = columnWidths(columnsFor("cpu"), 1000, { pid: 300 });
  assert.match(own.template, /^300px /);
  assert.equal(own.least - columnWidths(columnsFor("cpu"), 1000, {}).least, 300 - 76);
  assert.deepEqual([clampWidth(1), clampWidth(99999), clampWidth(80.4)], [LEAST, MOST, 80]);
});

/** @param {HTMLElement} el */
const keys = (el) =>
  [...el.querySelectorAll('[role="columnheader"]:not([data-fixed])')].map((one) => one.getAttribute("data-column"));

/**
 * @param {HTMLElement} el
 * @param {string} name
 */
const heading = (el, name) =>
  /** @type {HTMLElement} */ (el.querySelector(`[role="columnheader"][data-column="${name}"]`));

/** @param {HTMLElement} el */
const menuOf = (el) => {
  const button = /** @type {HTMLButtonElement} */ (el.querySelector('[aria-controls^="pw-columns"]'));
  const panel = /** @type {HTMLElement} */ (el.querySelector('[role="group"][aria-label="Columns"]'));
  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (panel.querySelector(selector));
  return { button, panel, find };
};

test("the menu shows, hides and moves columns, and the next view has them so", async (context) => {
  const { render, send } = table(context, { columns: ["pid", "name", "cpu"] });
  const { el, remove } = render();
  appear();
  await send(ROWS);
  const { button, panel, find } = menuOf(el);
  assert.equal(panel.hidden, true);
  button.click();
  assert.deepEqual([panel.hidden, button.getAttribute("aria-expanded")], [false, "true"]);
  find('[data-key="nice"][data-what="toggle"]').click();
  find('[data-key="cpu"][data-what="toggle"]').click();
  assert.deepEqual(keys(el), ["pid", "name", "nice"]);
  const left = find('[aria-label="Move Nice left"]');
  left.focus();
  left.click();
  assert.deepEqual(keys(el), ["pid", "nice", "name"]);
  assert.equal(document.activeElement?.getAttribute("aria-label"), "Move Nice left", "the focus was lost");
  find('[data-what="left"]').dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.deepEqual([panel.hidden, document.activeElement], [true, button]);
  remove();
  assert.deepEqual(keys(render().el), ["pid", "nice", "name"]);
});

test("Shift sorts by a second key and the heading says so in a mark and in words", async (context) => {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send([...ROWS, row({ key: 4, pid: 14, name: "bash", cpu: 5 })]);
  const name = heading(el, "name");
  name.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true, cancelable: true }));
  assert.deepEqual(pids(el), [12, 14, 11, 13]);
  assert.equal(name.querySelector(".pw-sort-2")?.textContent, "↑2");
  assert.equal(name.getAttribute("aria-description"), "second sort key, ascending");
  assert.deepEqual(
    [name.getAttribute("aria-sort"), heading(el, "cpu").getAttribute("aria-sort")],
    ["none", "descending"],
  );
});

test("on a heading Ctrl+Shift+arrows move its column and Shift+arrows size it, and the focus stays", (context) => {
  const { render } = table(context, { columns: ["pid", "name", "cpu"] });
  const { el } = render();
  heading(el, "cpu").focus();
  /** @param {object} more */
  const left = (more) =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowLeft", shiftKey: true, bubbles: true, cancelable: true, ...more }),
    );
  left({ ctrlKey: true });
  assert.deepEqual(keys(el), ["pid", "cpu", "name"]);
  assert.equal(document.activeElement, heading(el, "cpu"));
  left({});
  const grid = /** @type {HTMLElement} */ (el.querySelector('[aria-label="Processes"]'));
  assert.match(grid.style.getPropertyValue("--pw-tracks"), new RegExp(`^34px 76px ${LEAST}px `));
});

test("a heading is dragged to another place without sorting, its edge to another width", async (context) => {
  const { render, send } = table(context, { columns: ["pid", "name", "cpu"] });
  const { el } = render();
  appear();
  await send(ROWS);
  for (const [at, one] of [...el.querySelectorAll('[role="columnheader"]:not([data-fixed])')].entries()) {
    one.getBoundingClientRect = () => /** @type {any} */ ({ left: at * 100, right: at * 100 + 100, width: 100 });
  }
  /**
   * @param {EventTarget} on
   * @param {string} type
   * @param {number} clientX
   */
  const point = (on, type, clientX) =>
    on.dispatchEvent(Object.assign(new Event(type, { bubbles: true }), { clientX, button: 0, pointerId: 1 }));
  const before = pids(el);
  point(heading(el, "cpu"), "pointerdown", 250);
  point(window, "pointermove", 20);
  point(window, "pointerup", 20);
  assert.deepEqual(keys(el), ["cpu", "pid", "name"]);
  assert.deepEqual(pids(el), before);
  const grip = /** @type {HTMLElement} */ (heading(el, "pid").querySelector(".pw-grip"));
  heading(el, "pid").getBoundingClientRect = () => /** @type {any} */ ({ width: 100 });
  point(grip, "pointerdown", 100);
  point(window, "pointermove", 140);
  point(window, "pointerup", 140);
  grip.click();
  assert.deepEqual(pids(el), before, "letting an edge go sorted");
  const grid = /** @type {HTMLElement} */ (el.querySelector('[aria-label="Processes"]'));
  assert.match(grid.style.getPropertyValue("--pw-tracks"), / 140px /);
});
