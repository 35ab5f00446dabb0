/** Trees and groups: pure functions over rows, and the treegrid that shows them. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { ColumnsAndSort } from "../../procwidget/views/js/layout/columns_and_sort.js";
import { Listing } from "../../procwidget/views/js/rows/listing.js";
import { EVERY } from "../../procwidget/views/js/table/columns.js";
import { NARROW, columnWidths } from "../../procwidget/views/js/table/widths.js";
import { parents } from "../../procwidget/views/js/rows/tree.js";
import { chance, row } from "./rows.js";
import { table } from "./views.js";

const EVERYTHING = { all: true, matches: () => true };

/** @param {string} name */
const named = (name) => ({
  all: false,
  matches: (/** @type {import("../../procwidget/views/js/types.js").Row} */ one) => one.name === name,
});

/** @param {Partial<import("../../procwidget/views/js/rows/listing.js").Shown>} [given] */
const listing = (given) =>
  new Listing(
    {
      sort: [{ key: "cpu", descending: true }],
      kind: "tree",
      flipped: new Set(),
      pinned: new Set(),
      ...given,
    },
    EVERY,
  );

const family = () => [
  row({ key: 1, pid: 1, name: "init", ppid: 0, cpu: 0, memory: 1 }),
  row({ key: 2, pid: 2, name: "shell", ppid: 1, cpu: 1, memory: 2, user: "ana", session: 2 }),
  row({ key: 3, pid: 3, name: "make", ppid: 2, cpu: null, memory: 4, user: "ana", session: 2 }),
  row({ key: 4, pid: 4, name: "cc", ppid: 3, cpu: 60, memory: 8, user: "bob", session: 2 }),
  row({ key: 5, pid: 5, name: "cron", ppid: 1, cpu: 5, memory: null, user: null, session: null }),
];

/** @param {Listing} made */
const shape = (made) => made.list.map((one) => `${"  ".repeat((made.places?.get(one)?.level ?? 1) - 1)}${one.name}`);

/**
 * Random rows whose parents are anything: there, not there, themselves, in circles.
 * @param {number} seed
 */
function wild(seed) {
  const random = chance(seed);
  return Array.from({ length: 60 }, (_, at) =>
    row({ key: at + 1, pid: at + 1, ppid: Math.floor(random() * 80), cpu: Math.floor(random() * 9), memory: 1 }),
  );
}

test("each row comes after its parent, the heaviest branch first", () => {
  const made = listing();
  made.refresh(family(), EVERYTHING, null);
  assert.deepEqual(shape(made), ["init", "  shell", "    make", "      cc", "  cron"]);
  const place = made.places?.get(/** @type {any} */ (made.list[4]));
  assert.deepEqual([place?.level, place?.at, place?.of, place?.open], [2, 2, 2, null]);
});

test("whatever parents say, every row is there once, and circles are cut", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const rows = wild(seed);
    const made = listing();
    made.refresh(rows, EVERYTHING, null);
    assert.equal(made.list.length, rows.length);
    assert.deepEqual(new Set(made.list), new Set(rows));
    const above = parents(rows);
    for (const one of rows) {
      let steps = 0;
      for (let up = above.get(one); up; up = above.get(up)) {
        assert.ok(++steps <= rows.length, "a circle was left");
      }
    }
  }
});

test("a closed row hides its branch and has its totals; unknown adds nothing", () => {
  const rows = family();
  const made = listing({ flipped: new Set([String(rows[1]?.identity)]) });
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["init", "  shell", "  cron"]);
  assert.deepEqual(made.places?.get(/** @type {any} */ (rows[1]))?.totals, {
    processes: 3,
    cpu: 61,
    memory: 14,
    highestCpu: 60,
    highestMemory: 8,
    measured: 0,
    sums: made.places?.get(/** @type {any} */ (rows[1]))?.totals.sums,
  });
  assert.equal(made.matching, 5);
});

test("totals at the top add up to those of all rows, in any tree", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const rows = wild(seed);
    const made = listing();
    made.refresh(rows, EVERYTHING, null);
    const top = made.list.flatMap((one) => made.places?.get(one) ?? []).filter(({ level }) => level === 1);
    assert.equal(
      top.reduce((sum, { totals }) => sum + totals.processes, 0),
      rows.length,
    );
    assert.equal(
      top.reduce((sum, { totals }) => sum + (totals.cpu ?? 0), 0),
      rows.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0),
    );
  }
});

test("a filter keeps the ancestors of what matches, dimmed and not counted, and opens them", () => {
  const rows = family();
  const made = listing({ flipped: new Set([String(rows[1]?.identity)]) });
  made.refresh(rows, named("cc"), null);
  assert.deepEqual(shape(made), ["init", "  shell", "    make", "      cc"]);
  assert.deepEqual(
    made.list.map((one) => made.places?.get(one)?.dim),
    [true, true, true, false],
  );
  assert.equal(made.matching, 1);
  assert.equal(made.places?.get(/** @type {any} */ (rows[0]))?.totals.processes, 1);
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["init", "  shell", "  cron"], "what was closed before did not come back so");
});

test("groups have totals, are closed at first, and stay themselves", () => {
  const rows = family();
  const made = listing({ kind: "user" });
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["bob", "—", "ana"]);
  const [bob, , ana] = made.list;
  assert.deepEqual([ana?.group?.length, ana?.cpu, ana?.memory], [3, 1, 7]);
  made.setOpen(/** @type {any} */ (ana), true);
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["bob", "—", "ana", "  shell", "  init", "  make"]);
  assert.equal(made.list[0], bob);
});

test("what is read of GPUs adds up in groups and branches, and sorts them by it", () => {
  const rows = family();
  Object.assign(/** @type {any} */ (rows[1]), { gpu: 50, gpu_memory: 1024 });
  Object.assign(/** @type {any} */ (rows[2]), { gpu: null, gpu_memory: 512 });
  const made = listing({ kind: "user", sort: [{ key: "gpu_memory", descending: true }] });
  made.refresh(rows, EVERYTHING, null);
  const [first] = /** @type {any[]} */ (made.list);
  assert.deepEqual([first.gpu, first.gpu_memory], [50, 1536]);
  const tree = listing({ flipped: new Set([String(rows[1]?.identity)]) });
  tree.refresh(rows, EVERYTHING, null);
  const totals = tree.places?.get(/** @type {any} */ (rows[1]))?.totals;
  assert.deepEqual([totals?.sums["gpu"], totals?.sums["gpu_memory"]], [50, 1536]);
});

test("notebooks are groups with the totals of all that belongs to them, and say where they are", () => {
  const made = listing({ kind: "notebook" });
  const rows = family();
  for (const row of rows.slice(1, 4)) {
    Object.assign(row, { notebook: "train.ipynb", notebook_path: "/home/ana/train.ipynb" });
  }
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["train.ipynb", "no notebook"]);
  const [group] = made.list;
  assert.deepEqual([group?.cpu, group?.memory, group?.group?.length], [61, 14, 3]);
  assert.equal(group?.notebook_path, "/home/ana/train.ipynb");
});

test("containers and units are groups too, also before they are read", () => {
  const made = listing({ kind: "container" });
  const rows = family();
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made), ["no container"]);
  for (const row of rows.slice(0, 2)) {
    Object.assign(row, { container: "docker/3f4e1d2c9a0b" });
  }
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(shape(made).sort(), ["docker/3f4e1d2c9a0b", "no container"]);
  const units = listing({ kind: "unit" });
  units.refresh(family(), EVERYTHING, null);
  assert.deepEqual(shape(units), ["no unit"]);
});

test("while held nothing in a tree moves, newcomers wait, and totals go on", () => {
  const rows = family();
  const made = listing({ kind: "name" });
  made.refresh(rows, EVERYTHING, null);
  const before = [...made.list];
  Object.assign(/** @type {any} */ (rows[0]), { cpu: 99 });
  const more = [...rows, row({ key: 6, pid: 6, name: "init", ppid: 1, cpu: 1 }), row({ key: 7, pid: 7, name: "new" })];
  made.refresh(more, EVERYTHING, { first: 0, last: 10 });
  assert.deepEqual(made.list, before);
  const init = made.list.find(({ name }) => name === "init");
  assert.equal(made.places?.get(/** @type {any} */ (init))?.totals.cpu, 100);
  made.setOpen(/** @type {any} */ (init), true);
  made.rebuild(more, EVERYTHING);
  assert.deepEqual(
    made.list.filter(({ group }) => group).map(({ name }) => name),
    [...before.map(({ name }) => name), "new"],
  );
  made.refresh(more, EVERYTHING, null);
  assert.equal(made.list[0]?.name, "init");
});

test("pinned rows come first among their siblings", () => {
  const rows = family();
  const made = listing({ kind: "list", pinned: new Set([String(rows[0]?.identity)]) });
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(
    made.list.map(({ name }) => name),
    ["init", "cc", "cron", "shell", "make"],
  );
});

/**
 * @param {import("node:test").TestContext} context
 * @param {string} kind
 */
async function shown(context, kind) {
  const { render, send, dashboard } = table(context);
  const { el, remove } = render();
  appear();
  await send(family());
  const select = /** @type {HTMLSelectElement} */ (el.querySelector(".pw-show-as select"));
  select.value = kind;
  select.dispatchEvent(new Event("change"));
  const grid = /** @type {HTMLElement} */ (el.querySelector('[aria-label="Processes"]'));
  const names = () =>
    [...grid.querySelectorAll(".pw-body > .pw-row > [data-column=name]")].map((one) => one.textContent);
  /** @param {number} pid */
  const line = (pid) => /** @type {HTMLElement} */ (grid.querySelector(`[data-pid="${pid}"]`));
  /** @param {string} key */
  const press = (key) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return { el, grid, names, line, press, render, remove, send, dashboard };
}

test("as a tree it is a treegrid whose rows say where they are", async (context) => {
  const { grid, line, names } = await shown(context, "tree");
  assert.equal(grid.getAttribute("role"), "treegrid");
  assert.deepEqual(names(), ["init", "shell", "make", "cc", "cron"]);
  const says = (/** @type {number} */ pid) =>
    ["aria-level", "aria-posinset", "aria-setsize", "aria-expanded"].map((name) => line(pid).getAttribute(name));
  assert.deepEqual(says(2), ["2", "1", "2", "true"]);
  assert.deepEqual(says(5), ["2", "2", "2", null]);
});

test("Left closes, then goes to the parent; Right opens, then goes on", async (context) => {
  const { line, names, press } = await shown(context, "tree");
  const at = () => document.activeElement?.closest("[data-pid]")?.getAttribute("data-pid");
  /** @type {HTMLElement} */ (line(3).querySelector("[data-column=name]")).focus();
  press("ArrowLeft");
  assert.deepEqual(names(), ["init", "shell", "make+1", "cron"]);
  assert.equal(line(3).querySelector("[data-column=cpu]")?.textContent, "60.0");
  assert.equal(line(3).dataset["level"], "warning", "the worst under a closed row was lost");
  press("ArrowLeft");
  assert.equal(at(), "2");
  press("ArrowRight");
  assert.equal(document.activeElement?.getAttribute("data-column"), "pid");
  /** @type {HTMLElement} */ (line(3).querySelector("[data-column=name]")).focus();
  press("ArrowRight");
  assert.deepEqual(names(), ["init", "shell", "make", "cc", "cron"]);
  assert.equal(at(), "3");
});

test("groups say their totals, have no pid, and survive the view", async (context) => {
  const { grid, names, el, remove, render } = await shown(context, "user");
  assert.deepEqual(names(), ["bob1 process", "—1 process", "ana3 processes"]);
  const ana = /** @type {HTMLElement} */ (grid.querySelectorAll(".pw-body > .pw-row")[2]);
  assert.equal(ana.dataset["pid"], undefined);
  assert.deepEqual(
    ["cpu", "memory", "pid", "command"].map((key) => ana.querySelector(`[data-column=${key}]`)?.textContent),
    ["1.0", "7.0 MiB", "", ""],
  );
  const hint = (/** @type {Element} */ line) => line.querySelector("[data-column=memory]")?.getAttribute("title");
  assert.match(hint(ana) ?? "", /^Memory that some of these 3 processes share is counted in each of them\./);
  const bob = /** @type {HTMLElement} */ (grid.querySelectorAll(".pw-body > .pw-row")[0]);
  assert.equal(hint(bob), null);
  const box = /** @type {HTMLInputElement} */ (ana.querySelector('[aria-label="Select all of ana"]'));
  box.click();
  assert.equal(el.querySelector('[aria-label="Selection"]')?.textContent, "3 selected");
  assert.deepEqual([box.checked, ana.getAttribute("aria-selected")], [true, "true"]);
  /** @type {HTMLElement} */ (ana.querySelector(".pw-turn")).click();
  assert.deepEqual(names(), ["bob1 process", "—1 process", "ana3 processes", "shell", "init", "make"]);
  assert.equal(el.querySelector(".pw-count")?.textContent, "5 processes");
  remove();
  const again = render().el;
  assert.equal(again.querySelectorAll(".pw-body > .pw-row").length, 6);
  assert.equal(/** @type {HTMLSelectElement} */ (again.querySelector(".pw-show-as select")).value, "user");
});

test("where there is little room a tree keeps name, CPU, memory and the button, and gives the name what others had", () => {
  const choices = { sort: [], columns: null, widths: {}, ofMachine: false, kind: /** @type {const} */ ("tree") };
  const { columns } = new ColumnsAndSort(choices, "cpu", () => {});
  const keys = (/** @type {number} */ width) => columns.filter(({ from }) => width >= from).map(({ key }) => key);
  assert.deepEqual(keys(370), ["name", "cpu", "memory"]);
  for (const width of [370, 480, 610, 650, 750, 850, 950, 990, 1090]) {
    const shown = columns.filter(({ from }) => width >= from);
    const { least } = columnWidths(shown, width, {});
    // With the box and the button.
    const needed = least + (width < NARROW ? 28 + 44 : 34 + 52);
    assert.ok(needed <= width, `at ${width} px it needs ${needed}`);
  }
});
