/** Sorting, filtering and holding the order: pure functions over rows. */

import assert from "node:assert/strict";
import test from "node:test";
import { columnsFor, COLUMNS } from "../../procwidget/views/js/table/columns.js";
import { filterOf } from "../../procwidget/views/js/search/query.js";
import { holdOrder, sorter } from "../../procwidget/views/js/rows/order.js";
import { parse } from "../../procwidget/views/js/search/query.js";
import { chance, row } from "./rows.js";

/** @param {string} text */
const typed = (text) => filterOf(parse(text), 2000);

const EVERYTHING = typed("");

/** @param {number} seed */
function someRows(seed) {
  const random = chance(seed);
  const names = ["python", "Python", "bash", "sshd", "Ünïx", ""];
  const maybe = (/** @type {number} */ value) => (random() < 0.2 ? null : value);
  return Array.from({ length: 200 }, (_, at) =>
    row({
      key: at + 1,
      pid: 1 + Math.floor(random() * 500),
      name: names[Math.floor(random() * names.length)] ?? "",
      cpu: maybe(Math.floor(random() * 4)),
      memory: maybe(random() * 1000),
      user: random() < 0.3 ? null : "ana",
      command: random() < 0.3 ? null : `run ${Math.floor(random() * 9)}`,
    }),
  );
}

test("every column sorts both ways: a permutation, in order, unknown last, ties by pid", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const rows = someRows(seed);
    for (const column of COLUMNS) {
      for (const descending of [false, true]) {
        const list = sorter(COLUMNS, [{ key: column.key, descending }])(rows);
        assert.deepEqual(new Set(list), new Set(rows));
        for (const [at, b] of list.entries()) {
          const a = list[at - 1];
          if (a === undefined) {
            continue;
          }
          const [x, y] = [column.order(a), column.order(b)];
          assert.ok(y === null || x !== null, "an unknown value came before a known one");
          if (x !== null && y !== null && x !== y) {
            assert.equal(x < y, !descending);
          } else if (x === y) {
            assert.ok(a.pid <= b.pid, "a tie was not in the order of pids");
          }
        }
      }
    }
  }
});

test("a second key orders what the first leaves equal", () => {
  const rows = [
    row({ key: 1, cpu: 1, memory: 5 }),
    row({ key: 2, cpu: 1, memory: 9 }),
    row({ key: 3, cpu: 2, memory: 1 }),
  ];
  const keys = [
    { key: "cpu", descending: true },
    { key: "memory", descending: true },
  ];
  assert.deepEqual(
    sorter(COLUMNS, keys)(rows).map(({ key }) => key),
    [3, 2, 1],
  );
});

test("a table that starts sorted by CPU time has that column", () => {
  assert.ok(columnsFor("cpu_time").some(({ key }) => key === "cpu_time"));
  assert.equal(columnsFor("cpu").length, COLUMNS.length);
});

test("a row matches when each word is in its name, command, user or pid, in any case", () => {
  const one = row({ key: 1, pid: 4321, name: "Python3", user: "ana", command: "python3 /srv/Train.py --fast" });
  for (const text of ["python", "TRAIN fast", "ana python", "432", "  fast   ana ", "4321 py"]) {
    assert.ok(typed(text).matches(one), text);
  }
  for (const text of ["perl", "python bob", "train.pyx", "python3ana"]) {
    assert.ok(!typed(text).matches(one), text);
  }
});

test("more words never match more rows", () => {
  const rows = someRows(3);
  const words = ["run", "ana", "py", "1"];
  let before = rows.length;
  for (let count = 1; count <= words.length; count++) {
    const now = rows.filter(typed(words.slice(0, count).join(" ")).matches).length;
    assert.ok(now <= before);
    before = now;
  }
});

test("while held nothing in sight moves: newcomers come last, ended rows stay where they are seen", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = chance(seed);
    const before = someRows(seed);
    const first = Math.floor(random() * 100);
    const last = first + 20;
    const rows = before.filter((one) => random() > 0.2 || !(one.ended = true));
    const fresh = [row({ key: 900 }), row({ key: 901 })];
    const { list, above } = holdOrder(before, [...fresh, ...rows], EVERYTHING, first, last);
    assert.deepEqual(list.slice(first - above, last - above + 1), before.slice(first, last + 1));
    assert.deepEqual(list.slice(-2), fresh);
    assert.ok(rows.every((one) => list.includes(one)));
    assert.ok(list.every((one, at) => !one.ended || (at >= first - above && at <= last - above)));
  }
});

test("while held a newcomer that the filter leaves out stays out", () => {
  const { list } = holdOrder([], [row({ key: 1, name: "bash" }), row({ key: 2 })], typed("bash"), 0, 20);
  assert.deepEqual(
    list.map(({ key }) => key),
    [1],
  );
});
