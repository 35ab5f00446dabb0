/** A row answers: clicks select and open, its menu offers what can be done, and says what never can. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { ENTRIES, itemsFor } from "../../procwidget/views/js/row_menu/entries.js";
import { neverSignalled } from "../../procwidget/views/js/rows/never.js";
import { comparisonFor } from "../../procwidget/views/js/search/quoting.js";
import { parse } from "../../procwidget/views/js/search/query.js";
import { SIGNALS } from "../../procwidget/views/js/signals/words.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

const NEVER = {
  pids: {
    1: /** @type {[string, string]} */ (["system", "This process runs the whole system: it is never signalled."]),
  },
  kernel: /** @type {[string, string]} */ (["kernel", "This process is part of the kernel: it is never signalled."]),
};

/**
 * @param {import("node:test").TestContext} context
 * @param {object} [options]
 */
async function shown(context, options = {}) {
  const made = table(context, { never: NEVER, ...options });
  const { el, remove } = made.render();
  context.after(remove);
  appear();
  await made.send([
    ...ROWS,
    row({ key: 4, pid: 1, name: "init", ppid: 0 }),
    row({ key: 5, pid: 40, name: "kworker/0:1", ppid: 2, command: null }),
  ]);
  /** @param {number} pid @param {string} [column] */
  const cell = (pid, column = "cpu") =>
    /** @type {HTMLElement} */ (el.querySelector(`[data-pid="${pid}"] [data-column="${column}"]`));
  const selected = () =>
    [...el.querySelectorAll('[aria-selected="true"]')].map((line) => Number(line.getAttribute("data-pid")));
  const menu = () => /** @type {HTMLElement | null} */ (el.querySelector('[role="menu"].pw-row-menu'));
  const items = () => [...(menu()?.querySelectorAll('[role="menuitem"]') ?? [])].map(({ textContent }) => textContent);
  /** @param {string} label */
  const choose = (label) => {
    const found = [...(menu()?.querySelectorAll("button") ?? [])].find(({ textContent }) => textContent === label);
    found?.click();
  };
  return { ...made, el, cell, selected, menu, items, choose };
}

test("a click selects one alone, with Ctrl one more, with Shift all between; a double click opens", async (context) => {
  const { el, cell, selected } = await shown(context);
  const click = (/** @type {number} */ pid, /** @type {object} */ with_ = {}) =>
    cell(pid).dispatchEvent(new MouseEvent("click", { bubbles: true, ...with_ }));
  click(11);
  click(12);
  assert.deepEqual(selected(), [12]);
  click(13, { ctrlKey: true });
  assert.deepEqual(selected(), [12, 13]);
  click(12);
  click(13, { shiftKey: true });
  assert.deepEqual(selected(), [12, 11, 13]);
  click(11);
  cell(11).dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  assert.deepEqual(selected(), [11]);
  assert.equal(el.querySelector('[role="region"]')?.getAttribute("aria-label"), "Details of python (11)");
});

test("the menu opens by button, right click and key, and gives the focus back to the row", async (context) => {
  const { el, cell, menu } = await shown(context);
  /** @type {HTMLElement} */ (el.querySelector('[aria-label="Menu of python (11)"]')).click();
  assert.equal(menu()?.getAttribute("aria-label"), "Menu of python (11)");
  assert.equal(document.activeElement?.textContent, "Details");
  const press = (/** @type {string} */ key, /** @type {object} */ with_ = {}) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...with_ }));
  press("Escape");
  assert.equal(menu(), null);
  cell(12).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, button: 2 }));
  assert.equal(menu()?.getAttribute("aria-label"), "Menu of bash (12)");
  press("Escape");
  assert.ok(document.activeElement === cell(12));
  press("F10", { shiftKey: true });
  assert.equal(menu()?.getAttribute("aria-label"), "Menu of bash (12)");
  press("End");
  assert.equal(document.activeElement?.textContent, "Set OOM score…");
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  assert.equal(menu(), null);
});

test("its row does not move while the menu is open", async (context) => {
  const { el, cell, send, choose } = await shown(context);
  const before = pids(el);
  cell(11).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, button: 2 }));
  await send([row({ ...ROWS[0], key: 1, cpu: 99 })]);
  assert.deepEqual(pids(el), before);
  choose("Pin to the top");
  assert.equal(pids(el)[0], 11);
});

test("it filters to what the row has, copies and signals", async (context) => {
  const { el, cell, choose, items, model } = await shown(context);
  /** @type {string[]} */
  const copied = [];
  Object.defineProperty(globalThis, "navigator", {
    value: { clipboard: { writeText: async (/** @type {string} */ text) => copied.push(text) } },
    configurable: true,
  });
  const open = () => cell(13).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, button: 2 }));
  open();
  assert.deepEqual(items().slice(4, 9), [
    "Filter to name python",
    "Filter to user ana",
    "Copy PID",
    "Copy command",
    "Copy row",
  ]);
  for (const label of ["Copy PID", "Copy command", "Copy row"]) {
    open();
    choose(label);
  }
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(copied.slice(0, 2), ["13", "sleep 60"]);
  assert.match(copied[2] ?? "", /^13\tpython\tana\tsleeping\t5\.0\t20\.0 MiB/);
  assert.equal(el.querySelector('[aria-label="Last action"]')?.textContent, "Copied the row.");
  open();
  choose("Stop…");
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual([asked?.signal, asked?.identities], ["SIGSTOP", ["13-3"]]);
  /** @type {HTMLElement} */ (document.querySelector("dialog button")).click();
  open();
  choose("Filter to name python");
  assert.deepEqual(pids(el), [11, 13]);
});

test("where ending can never be there is no button but why, in the row and in the menu", async (context) => {
  const { cell, items } = await shown(context);
  for (const [pid, word] of /** @type {[number, string][]} */ ([
    [1, "system"],
    [40, "kernel"],
  ])) {
    const end = cell(pid, "end");
    assert.equal(end.querySelector("button")?.hidden, true);
    assert.match(end.querySelector(".pw-never")?.textContent ?? "", new RegExp(`^${word}: This process .* signalled`));
    cell(pid).dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, button: 2 }));
    assert.match(items().at(-1) ?? "", /it is never signalled\.$/);
  }
  assert.equal(cell(11, "end").querySelector("button")?.hidden, false);
});

test("a group is never signalled if none in it is, nor a zombie; where nothing is known all may be", () => {
  const threads = [row({ key: 1, pid: 8, ppid: 2, command: null }), row({ key: 2, pid: 9, ppid: 2, command: "" })];
  const group = (/** @type {import("../../procwidget/views/js/types.js").Row[]} */ rows) => ({
    ...row({ key: -1 }),
    group: rows,
  });
  assert.equal(neverSignalled(group(threads), NEVER)?.[0], "kernel");
  assert.equal(neverSignalled(group([...threads, row({ key: 3 })]), NEVER), null);
  assert.equal(neverSignalled(row({ key: 1, pid: 1 }), null), null);
  assert.equal(neverSignalled(row({ key: 4, status: "zombie", threads: 1 }), NEVER)?.[0], "zombie");
  // Its main thread alone has ended.
  assert.equal(neverSignalled(row({ key: 4, status: "zombie", threads: 3 }), NEVER), null);
  assert.equal(neverSignalled(row({ key: 2, pid: 5, ppid: 2, command: "/sbin/modprobe" }), NEVER), null);
});

test("an entry more is one in the list, and what makes no sense for a row is left out", () => {
  const on = /** @type {any} */ ({ actions: true, followed: () => false, pinned: () => false });
  const more = { group: "look", label: () => "Tell me when this ends", act: () => {} };
  const labels = (/** @type {any} */ of) =>
    itemsFor(of, on, [...ENTRIES, more])
      .flat()
      .map(({ label }) => label);
  assert.ok(labels(row({ key: 1 })).includes("Tell me when this ends"));
  const verbs = Object.values(SIGNALS).map(({ verb }) => `${verb.replace(/ (of|to)$/, "")}…`);
  assert.deepEqual(labels(row({ key: 1 })).slice(-verbs.length), verbs);
  const ended = labels(row({ key: 1, ended: true }));
  assert.ok(!ended.includes("Follow") && !ended.some((label) => label.endsWith("…")));
});

test("one's own kernel has what Jupyter does to it, and nothing else has", () => {
  const deeds = /** @type {any} */ ({ actions: true, followed: () => false, pinned: () => false });
  const command = "python -m ipykernel_launcher -f /run/kernel-0f3a2b1c-0000-4000-8000-000000000001.json";
  const notebook = { notebook: "train.ipynb", notebook_path: "/home/ana/train.ipynb" };
  const kernel = { ...row({ key: 1, pid: 7, command }), ...notebook };
  const labels = (/** @type {import("../../procwidget/views/js/types.js").Row} */ one) =>
    itemsFor(one, deeds)
      .flat()
      .map(({ label }) => label)
      .filter((label) => label.endsWith("the kernel…"));
  const all = ["Interrupt the kernel…", "Restart the kernel…", "Shut down the kernel…"];
  assert.deepEqual(labels(kernel), all);
  assert.deepEqual(labels({ ...kernel, command: "python worker.py" }), []);
  assert.deepEqual(labels({ ...kernel, ended: true }), []);
  assert.deepEqual(labels({ ...kernel, notebook: "a Jupyter kernel", notebook_path: null }), []);
  deeds.stillRuns = () => true;
  assert.deepEqual(labels(kernel), [], "at a past moment");
});

test("the filter for a value finds it, whatever is in it", () => {
  for (const name of ["python", "tmux: server", "a=b", 'say "x"', "it's", "(sd-pam)", "or"]) {
    const query = parse(comparisonFor("name", name));
    assert.equal(query.matches(row({ key: 1, name }), 0), true, name);
    assert.equal(query.matches(row({ key: 2, name: "zsh" }), 0), false, name);
  }
  assert.equal(parse(comparisonFor("name", `"a" and 'b'`)).matches(row({ key: 1, name: `"a" and 'b'` }), 0), true);
});
