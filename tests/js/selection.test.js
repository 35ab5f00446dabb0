/** The selection: by identity, by hand and in ranges, and never of what is no process. */

import assert from "node:assert/strict";
import test from "node:test";
import { MOST, Selection, subtree } from "../../procwidget/views/js/rows/selection.js";
import { row } from "./rows.js";

const rows = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => row({ key: at + 1 }));

/** @param {Selection} selection */
const pids = (selection) => [...selection.rows.values()].map(({ pid }) => pid).sort((a, b) => a - b);

test("picking turns one, a range takes all from the last one on, both ways", () => {
  const selection = new Selection();
  const list = rows(9);
  const [, second, , , fifth, , , eighth] = list;
  assert.ok(second && fifth && eighth);
  selection.pick(fifth, list, true);
  assert.deepEqual(pids(selection), [5]);
  selection.pick(eighth, list, true);
  assert.deepEqual(pids(selection), [5, 6, 7, 8]);
  selection.pick(second, list, true);
  assert.deepEqual(pids(selection), [2, 3, 4, 5, 6, 7, 8]);
  selection.pick(fifth, list, true);
  assert.deepEqual(pids(selection), [6, 7, 8]);
  selection.pick(second, [...list].reverse(), false);
  assert.deepEqual(pids(selection), [2, 6, 7, 8]);
});

test("a range whose beginning is not shown any more is the one row", () => {
  const selection = new Selection();
  const list = rows(5);
  const [first, , , , last] = list;
  assert.ok(first && last);
  selection.pick(first, list, false);
  selection.pick(last, list.slice(2), true);
  assert.deepEqual(pids(selection), [1, 5]);
});

test("what ended leaves, and followers hear of each change once, of none without one", () => {
  const selection = new Selection();
  const list = rows(3);
  let changes = 0;
  const stop = selection.follow(() => changes++);
  selection.set(list, true);
  selection.set(list, true);
  selection.dropEnded();
  assert.equal(changes, 1);
  Object.assign(/** @type {object} */ (list[1]), { ended: true });
  selection.dropEnded();
  assert.deepEqual([changes, pids(selection)], [2, [1, 3]]);
  stop();
  selection.clear();
  assert.deepEqual([changes, selection.size], [2, 0]);
});

test("what ended is not selected, and no more than Python takes", () => {
  const selection = new Selection();
  selection.set([row({ key: 1, ended: true })], true);
  assert.equal(selection.size, 0);
  selection.set(rows(MOST + 7), true);
  assert.equal(selection.size, MOST);
});

test("a group is selected by all in it that live", () => {
  const selection = new Selection();
  const [first, second, third] = rows(3);
  assert.ok(first && second && third);
  const group = row({ key: -1, identity: "user:ana", group: [first, second, row({ key: 4, ended: true })] });
  selection.pick(first, [], false);
  assert.deepEqual([selection.has(group), selection.hasSome(group)], [false, true]);
  selection.pick(group, [], false);
  assert.deepEqual([selection.has(group), pids(selection)], [true, [1, 2]]);
  selection.pick(third, [group, third], true);
  assert.deepEqual(pids(selection), [1, 2, 3]);
  selection.set([group], false);
  assert.deepEqual([selection.has(group), selection.hasSome(group), pids(selection)], [false, false, [3]]);
});

test("a subtree is the process and all that descend from it, also where parents go in circles", () => {
  const list = [
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 1],
    [5, 9],
    [6, 7],
    [7, 6],
    [8, 8],
  ].map(([key = 0, ppid = 0]) => row({ key, ppid }));
  const of = (/** @type {number} */ pid) =>
    subtree(list, /** @type {any} */ (list.find((one) => one.pid === pid)))
      .map((one) => one.pid)
      .sort();
  assert.deepEqual(of(1), [1, 2, 3, 4]);
  assert.deepEqual(of(5), [5]);
  assert.deepEqual(of(6), [6, 7]);
  assert.deepEqual(of(8), [8]);
});
