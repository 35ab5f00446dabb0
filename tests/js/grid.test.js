/** The grid in a page: what is in the document, what an update touches, and what keys and the pointer do. */

import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./page.js";
import { COLUMNS } from "../../procwidget/views/js/table/columns.js";
import { Grid } from "../../procwidget/views/js/table/grid.js";
import { HELD_FOR } from "../../procwidget/views/js/table/hold.js";
import { FEW, LINE_HEIGHT, OVERSCAN } from "../../procwidget/views/js/table/row_elements.js";
import { row, THRESHOLDS } from "./rows.js";

const SCENE = { time: 2000, memoryTotal: 16384, thresholds: THRESHOLDS };

/**
 * @param {number} count of rows
 * @param {boolean} [actions]
 */
function shown(count, actions = true) {
  /** @type {string[]} */
  const callbacks = [];
  const grid = new Grid(COLUMNS, 10, actions, [{ key: "cpu", descending: true }], {
    sort: (key, second) => callbacks.push(second ? `second ${key}` : `sort ${key}`),
    resize: (key, width) => callbacks.push(`${key} ${width} wide`),
    move: (key, to) => callbacks.push(`${key} to ${to}`),
    setOpen: ({ pid }, open) => callbacks.push(`${open ? "open" : "close"} ${pid}`),
    setAllOpen: (open) => callbacks.push(open ? "open all" : "close all"),
    open: ({ pid }) => callbacks.push(`details of ${pid}`),
    pin: ({ pid }) => callbacks.push(`pin ${pid}`),
    follow: ({ pid }) => callbacks.push(`follow ${pid}`),
    end: ({ pid }) => callbacks.push(`end ${pid}`),
    hold: () => callbacks.push(grid.held ? "hold" : "let go"),
  });
  place().append(grid.element);
  const rows = Array.from({ length: count }, (_, at) => row({ key: at + 1, name: `p${at}`, cpu: at }));
  grid.show(rows, SCENE);
  const pids = () => [...grid.body.querySelectorAll("[data-pid]")].map((line) => Number(line.getAttribute("data-pid")));
  /**
   * @param {string} key
   * @param {object} [with_]
   */
  const press = (key, with_ = {}) => {
    const on = document.activeElement ?? grid.element;
    on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...with_ }));
  };
  /** @param {number} pid */
  const line = (pid) => /** @type {HTMLElement} */ (grid.body.querySelector(`[data-pid="${pid}"]`));
  return { grid, rows, callbacks, pids, press, line };
}

test("five thousand rows put a screenful into the document, in the order that is seen", () => {
  const { grid, pids } = shown(5000);
  assert.ok(pids().length <= 24);
  assert.deepEqual(
    pids(),
    [...pids()].sort((a, b) => a - b),
  );
  grid.scroller.scrollTop = 3000 * LINE_HEIGHT;
  grid.render();
  const now = pids().filter((pid) => pid !== 1);
  assert.ok(now.includes(3001) && now.length <= 24);
  assert.deepEqual(
    now,
    [...now].sort((a, b) => a - b),
  );
  assert.equal(grid.element.getAttribute("aria-rowcount"), "5001");
  assert.equal(grid.body.querySelector('[data-pid="3001"]')?.getAttribute("aria-rowindex"), "3002");
});

test("a reading draws few lines that nobody sees, and scrolling draws those it may come to", () => {
  const { grid, rows, pids } = shown(200);
  const beyond = () => pids().filter((pid) => pid !== 1).length - (grid.rows + 1);
  grid.scroller.scrollTop = 100 * LINE_HEIGHT;
  grid.render();
  assert.equal(beyond(), 2 * OVERSCAN);
  grid.show(rows, SCENE);
  assert.equal(beyond(), 2 * FEW);
  assert.ok(FEW < OVERSCAN);
});

test("a reading asks where the table is scrolled to before it writes, as that costs a layout after it", () => {
  const { grid, rows } = shown(200);
  const { height } = grid.body.style;
  /** @type {string[]} */
  const asked = [];
  Object.defineProperty(grid.scroller, "scrollTop", {
    get: () => {
      asked.push(grid.body.style.height);
      return 0;
    },
  });
  grid.show(rows.slice(1), SCENE);
  assert.notEqual(grid.body.style.height, height);
  assert.ok(asked.length > 0 && asked.every((then) => then === height), String(asked));
});

test("a list that gets shorter than it was scrolled shows its last rows at once", () => {
  const { grid, rows, pids } = shown(200);
  grid.scroller.scrollTop = 180 * LINE_HEIGHT;
  grid.render();
  grid.show(rows.slice(0, 50), SCENE);
  assert.deepEqual(
    pids().slice(-10),
    rows.slice(40, 50).map(({ pid }) => pid),
  );
});

test("scrolling and other rows move no more elements than they must", () => {
  const { grid, rows, pids } = shown(100);
  const moved = () => {
    const { insertBefore } = grid.body;
    let moves = 0;
    grid.body.insertBefore = (...given) => {
      moves++;
      return Reflect.apply(insertBefore, grid.body, given);
    };
    return () => {
      Reflect.deleteProperty(grid.body, "insertBefore");
      return moves;
    };
  };
  grid.scroller.scrollTop = 20 * LINE_HEIGHT;
  grid.render();
  let count = moved();
  grid.scroller.scrollTop = 23 * LINE_HEIGHT;
  grid.render();
  assert.equal(count(), 3);
  count = moved();
  grid.show([...rows.slice(60), ...rows.slice(0, 60)], SCENE);
  assert.equal(count(), 0);
  const seen = pids();
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});

test("an update writes the text of the changed cell and nothing else", () => {
  const { grid, rows } = shown(100);
  /** @type {string[]} */
  const written = [];
  for (const line of grid.lines.byRow.values()) {
    for (const [at, node] of line.nodes.entries()) {
      let text = node.data;
      Object.defineProperty(node, "data", {
        get: () => text,
        set: (value) => written.push(`${line.row?.pid} ${line.columns[at]?.key} ${(text = value)}`),
      });
    }
  }
  Object.assign(/** @type {object} */ (rows[2]), { cpu: 42 });
  grid.show(rows, SCENE);
  assert.deepEqual(written, ["3 cpu 42.0"]);
});

test("levels are on the cell and on the row, and go away again", () => {
  const { grid, rows, line } = shown(5);
  const [first] = rows;
  for (const [cpu, level] of /** @type {const} */ ([
    [95, "critical"],
    [60, "warning"],
    [1, "normal"],
  ])) {
    Object.assign(/** @type {object} */ (first), { cpu });
    grid.show(rows, SCENE);
    assert.equal(line(1).dataset["level"], level);
    assert.equal(line(1).querySelector('[data-column="cpu"]')?.getAttribute("data-level"), level);
  }
});

test("a name like markup is text", () => {
  const { grid } = shown(0);
  const name = "<img src=x onerror=alert(1)>";
  grid.show([row({ key: 1, name, command: `<b>${name}</b>` })], SCENE);
  assert.equal(grid.body.querySelector("img, b"), null);
  assert.equal(grid.body.querySelector('[data-column="name"]')?.textContent, name);
  assert.equal(grid.body.querySelector(".pw-end")?.getAttribute("aria-label"), `End ${name} (1)`);
});

test("there is one tab stop, whatever happens", () => {
  const { grid, rows, press } = shown(200);
  const stops = () => grid.element.querySelectorAll('[tabindex="0"]').length;
  assert.equal(stops(), 1);
  grid.activate(rows[150] ?? null, "memory", true);
  press("ArrowUp");
  grid.show(rows.slice(0, 20), SCENE);
  assert.equal(stops(), 1);
  grid.fit(300);
  assert.equal(stops(), 1);
  grid.show([], SCENE);
  assert.equal(stops(), 1);
});

test("arrows, Home, End and pages move the focus and stop at the edges", () => {
  const { grid, rows, press } = shown(200);
  const at = () => [grid.active.row?.pid ?? "header", grid.active.column];
  grid.activate(null, "pid", true);
  press("ArrowUp");
  press("ArrowLeft");
  assert.deepEqual(at(), ["header", "pid"]);
  press("ArrowDown");
  press("ArrowRight");
  assert.deepEqual(at(), [1, "name"]);
  press("PageDown");
  assert.deepEqual(at(), [11, "name"]);
  press("End");
  assert.deepEqual(at(), [11, "end"]);
  assert.equal(document.activeElement?.textContent, "End");
  press("End", { ctrlKey: true });
  press("ArrowDown");
  assert.deepEqual(at(), [rows.length, "end"]);
  press("Home");
  press("PageUp");
  assert.deepEqual(at(), [rows.length - 10, "pid"]);
  press("Escape");
  assert.deepEqual(at(), ["header", "pid"]);
});

test("Enter on a heading sorts, Delete on a row asks to end it", () => {
  const { grid, rows, callbacks, press } = shown(3);
  grid.activate(null, "memory", true);
  press("Enter");
  press("Delete");
  grid.activate(rows[1] ?? null, "name", true);
  press("Delete");
  assert.deepEqual(
    callbacks.filter((wish) => wish !== "hold"),
    ["sort memory", "end 2"],
  );
});

test("clicks on headings and buttons are callbacks", () => {
  const { grid, callbacks, line } = shown(3);
  /** @type {HTMLElement} */ (grid.head.querySelector('[data-column="user"]')).click();
  /** @type {HTMLElement} */ (line(2).querySelector(".pw-end")).click();
  assert.deepEqual(callbacks, ["sort user", "end 2"]);
});

test("the order is held for a while after the pointer moved or a key was pressed, and while a dialog is open", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { grid, rows, callbacks, press } = shown(3);
  const move = () => grid.body.dispatchEvent(new Event("pointermove"));
  move();
  context.mock.timers.tick(HELD_FOR - 1);
  move();
  context.mock.timers.tick(HELD_FOR - 1);
  assert.deepEqual([grid.held, grid.element.hasAttribute("data-held")], [true, true]);
  context.mock.timers.tick(1);
  assert.deepEqual([grid.held, grid.element.hasAttribute("data-held")], [false, false]);
  assert.deepEqual(callbacks, ["hold", "let go"], "a pointer that rests holds the order");
  grid.activate(rows[0] ?? null, "name", true);
  context.mock.timers.tick(HELD_FOR);
  assert.equal(grid.held, false, "a focus that rests holds the order");
  press("ArrowDown");
  grid.body.dispatchEvent(new Event("pointerleave"));
  assert.equal(grid.held, true);
  press("Escape");
  assert.equal(grid.held, false);
  grid.setDialogRow(rows[1] ?? null);
  context.mock.timers.tick(10 * HELD_FOR);
  assert.equal(grid.held, true);
});

test("a row that ended is no process any more: no pid, no button, no level", () => {
  const { grid, rows, line } = shown(3);
  const element = line(2);
  grid.activate(rows[1] ?? null, "end", true);
  Object.assign(/** @type {object} */ (rows[1]), { ended: true, cpu: 99 });
  grid.show(rows, SCENE);
  assert.equal(element.hasAttribute("data-pid"), false);
  assert.equal(element.querySelector(".pw-end")?.hasAttribute("disabled"), true);
  assert.equal(element.dataset["level"], "normal");
  assert.equal(element.querySelector('[data-column="status"]')?.textContent, "ended");
  assert.ok(element.contains(document.activeElement), "the focus fell out of the grid");
});

test("the focus stays with its process when others come before it", () => {
  const { grid, rows } = shown(30);
  grid.activate(rows[4] ?? null, "end", true);
  const button = document.activeElement;
  grid.show([row({ key: 99 }), ...rows], SCENE);
  assert.equal(document.activeElement, button);
  assert.equal(button?.getAttribute("aria-label"), "End p4 (5)");
});

test("rows that left above those in sight do not move these", () => {
  const { grid, rows } = shown(300);
  grid.scroller.scrollTop = 100 * LINE_HEIGHT;
  grid.show(rows.slice(3), SCENE, 3);
  assert.equal(grid.scroller.scrollTop, 97 * LINE_HEIGHT);
});

test("a narrow table keeps pid, name, CPU, memory and the button", () => {
  const { grid } = shown(3);
  grid.fit(370);
  assert.deepEqual(grid.columnKeys(), ["pid", "name", "cpu", "memory", "end"]);
  assert.equal(grid.element.getAttribute("aria-colcount"), "11");
  grid.fit(2000);
  assert.equal(grid.columnKeys().length, 11);
});

test("where ending is off there is no button and Delete does nothing", () => {
  const { grid, rows, callbacks, press } = shown(3, false);
  grid.activate(rows[0] ?? null, "name", true);
  press("Delete");
  assert.deepEqual(callbacks, ["hold"]);
  assert.equal(grid.element.querySelector(".pw-end"), null);
});
