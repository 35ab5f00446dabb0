/** What groups say of several processes together, whom the kernel is told to look at closely, and CPU of the machine. */

import assert from "node:assert/strict";
import test from "node:test";
import { InSight } from "../../procwidget/views/js/rows/in_sight.js";
import { addTotals, noTotals, ownTotals } from "../../procwidget/views/js/rows/tree.js";
import { sharedMemory } from "../../procwidget/views/js/rows/sums.js";
import { appear } from "./page.js";
import { frame, row } from "./rows.js";
import { table } from "./views.js";

/** @param {any[]} rows */
function totals(rows) {
  const sum = noTotals();
  rows.forEach((one) => addTotals(sum, ownTotals(one)));
  return sum;
}

test("what several read and write adds up; unknown adds nothing, and is unknown only where all are", () => {
  const rows = [
    row({ key: 1, read: 10, written: null, threads: 2 }),
    row({ key: 2, read: null, written: null, threads: 3 }),
    row({ key: 3, read: 5, written: null, threads: 1 }),
  ];
  const { sums } = totals(rows);
  assert.deepEqual([sums["read"], sums["written"], sums["threads"]], [15, null, 6]);
  assert.equal("swap" in sums, false);
});

test("the memory of several is their PSS where that is known, and says what is counted how", () => {
  const none = totals([row({ key: 1, memory: 400 }), row({ key: 2, memory: 400 })]);
  assert.equal(none.memory, 800);
  assert.match(
    sharedMemory(none),
    /^Memory that some of these 2 processes share is counted in each of them\. The column PSS/,
  );
  const some = totals([row({ key: 1, memory: 400, pss: 200 }), row({ key: 2, memory: 400, pss: null })]);
  assert.equal(some.memory, 600);
  assert.match(sharedMemory(some), /^Of 1 of these 2 processes it is the PSS; memory that the others share/);
  const all = totals([row({ key: 1, memory: 400, pss: 200 }), row({ key: 2, memory: 400, pss: 200 })]);
  assert.equal(all.memory, 400);
  assert.equal(sharedMemory(all), "Memory that these processes share is counted once (PSS).");
  assert.equal(sharedMemory(totals([row({ key: 1 })])), "");
});

test("a group shows its sums and is sorted by them", async (context) => {
  const { model, render } = table(context, { columns: ["name", "memory", "read"] });
  const { el } = render();
  appear();
  const rows = [
    row({ key: 1, pid: 1, user: "ana", read: 1024, memory: 5 }),
    row({ key: 2, pid: 2, user: "ana", read: 2048, memory: 5 }),
    row({ key: 3, pid: 3, user: "bob", read: 2560, memory: 5 }),
  ];
  const [content, block] = frame({ seq: 1, whole: true }, rows, rows, ["read"]);
  model.emit("msg:custom", content, [block]);
  await new Promise((drawn) => setTimeout(drawn, 5));
  const select = /** @type {HTMLSelectElement} */ (el.querySelector(".pw-show-as select"));
  select.value = "user";
  select.dispatchEvent(new Event("change"));
  /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="read"]')).click();
  const cells = [...el.querySelectorAll('.pw-body [data-column="read"]')].map((cell) => cell.textContent);
  assert.deepEqual(cells, ["3.0 KiB/s", "2.5 KiB/s"]);
});

test("whom a view shows is told where something is read of a few: the largest that match, seldom anew", () => {
  const rows = Array.from({ length: 30 }, (_, at) => row({ key: at + 1, pid: at + 1, memory: at }));
  const inSight = new InSight();
  const all = { all: true, matches: () => true };
  const even = { all: false, matches: (/** @type {any} */ one) => one.pid % 2 === 0 };
  const at = (/** @type {number} */ time, text = "even", keys = ["pss"]) => ({ time, text, keys });
  assert.deepEqual(inSight.of(rows, all, at(1)), []);
  assert.deepEqual(inSight.of(rows, even, at(1, "even", ["read"])), []);
  const first = inSight.of(rows, even, at(1));
  assert.equal(first.length, 15);
  assert.deepEqual(first[0], "30-30");
  assert.equal(inSight.of(rows.slice(0, 4), even, at(3)), first);
  assert.deepEqual(inSight.of(rows.slice(0, 4), even, at(6)), ["4-4", "2-2"]);
  assert.deepEqual(inSight.of(rows, { ...even, matches: (one) => one.pid === 7 }, at(6, "7")), ["7-7"]);
  const many = Array.from({ length: 99 }, (_, key) => row({ key, memory: key }));
  assert.equal(inSight.of(many, { ...even, matches: () => true }, at(99)).length, 20);
});

test("CPU is percent of the whole machine when that is chosen, and the heading says so", async (context) => {
  const { render, send } = table(context, { columns: ["name", "cpu"] });
  const { el } = render();
  appear();
  await send([row({ key: 1, cpu: 380 })], { cpus: 4 });
  const cell = () => el.querySelector('.pw-body [data-column="cpu"]')?.textContent;
  const heading = () => el.querySelector('[role="columnheader"][data-column="cpu"]')?.textContent ?? "";
  assert.deepEqual([cell(), heading().startsWith("CPU % all")], ["380.0", false]);
  /** @type {HTMLElement} */ ([...el.querySelectorAll("button")].find((one) => one.textContent === "Columns")).click();
  const label = [...el.querySelectorAll("label")].find((one) => one.textContent?.includes("whole machine"));
  /** @type {HTMLInputElement} */ (label?.querySelector("input")).click();
  assert.deepEqual([cell(), heading().startsWith("CPU % all")], ["95.0", true]);
  // What it is sorted and coloured by stays.
  assert.equal(el.querySelector('.pw-body [data-column="cpu"]')?.getAttribute("data-level"), "critical");
});
