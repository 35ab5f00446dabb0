/** Figures and levels: what a cell says and how loud. */

import assert from "node:assert/strict";
import test from "node:test";
import { HANGS_AFTER, STATUSES } from "../../procwidget/views/js/fields.generated.js";
import {
  bytes,
  clock,
  figure,
  growth,
  memoryChange,
  memory,
  moment,
  rate,
  statusWord,
  useUnits,
} from "../../procwidget/views/js/ui/format.js";
import { level, rowLevel, statusLevel } from "../../procwidget/views/js/table/levels.js";
import { chance, row, THRESHOLDS } from "./rows.js";

const SCENE = { time: 2000, memoryTotal: 1000, thresholds: THRESHOLDS };

test("unknown is a dash, never a zero", () => {
  assert.deepEqual(
    [figure(null), figure(NaN, 1), memory(null), moment(null, 0), statusWord(null), rate(null), growth(null)],
    Array(7).fill("—"),
  );
  assert.equal(figure(0, 1), "0.0");
});

test("a figure reads back as its value, with the decimals it has room for", () => {
  const random = chance(4);
  for (let times = 0; times < 2000; times++) {
    const value = 10 ** (random() * 8 - 1);
    const decimals = Math.floor(random() * 3);
    const text = figure(value, decimals);
    assert.match(text, /^\d{1,3}(,\d{3})*(\.\d+)?$/);
    assert.equal(text.split(".")[1]?.length ?? 0, decimals);
    assert.equal(Number(text.replaceAll(",", "")), Number(value.toFixed(decimals)));
  }
});

test("thousands have commas, decimals have none", () => {
  assert.deepEqual([figure(999.96, 1), figure(1234.5678, 4), figure(1234567)], ["1,000.0", "1,234.5678", "1,234,567"]);
  assert.equal(memory(131072), "128.0 GiB");
});

test("rates are of a second, and growth has its sign", () => {
  assert.deepEqual([rate(0), rate(1536), rate(10 * 2 ** 20)], ["0 B/s", "1.5 KiB/s", "10.0 MiB/s"]);
  assert.deepEqual(
    [growth(1.26), growth(-1234.5), growth(0.04), growth(-0.04)],
    ["+1.3 MiB/min", "-1,234.5 MiB/min", "0.0 MiB/min", "0.0 MiB/min"],
  );
});

test("a moment says as much as matters", () => {
  const now = new Date(2026, 6, 15, 18, 0, 0).getTime() / 1000;
  const at = (/** @type {[number, number, number, number, number, number]} */ ...parts) =>
    new Date(...parts).getTime() / 1000;
  assert.equal(moment(at(2026, 6, 15, 9, 5, 7), now), "09:05:07");
  assert.equal(moment(at(2026, 2, 3, 9, 5, 7), now), "03 Mar 09:05");
  assert.equal(moment(at(2024, 11, 31, 9, 5, 7), now), "31 Dec 2024");
  assert.equal(clock(now), "18:00:00");
});

test("levels begin exactly at their bounds", () => {
  const bounds = /** @type {[number, number]} */ ([50, 90]);
  assert.deepEqual(
    [null, 49.99, 50, 89.99, 90, 500].map((value) => level(value, bounds)),
    ["normal", "normal", "warning", "warning", "critical", "critical"],
  );
  assert.equal(level(99, undefined), "normal");
});

test("a row is as bad as its worst cell", () => {
  assert.equal(rowLevel(row({ key: 1, cpu: 95, memory: 1 }), SCENE), "critical");
  assert.equal(rowLevel(row({ key: 1, cpu: 1, memory: 600 }), SCENE), "critical");
  assert.equal(rowLevel(row({ key: 1, cpu: 60, memory: 1 }), SCENE), "warning");
  assert.equal(rowLevel(row({ key: 1, status: "zombie" }), SCENE), "warning");
  assert.equal(rowLevel(row({ key: 1, cpu: null, memory: null, status: null }), SCENE), "normal");
  assert.equal(rowLevel(row({ key: 1, cpu: 95, ended: true }), SCENE), "normal");
});

test("a process is measured against all that it could use", () => {
  const busy = row({ key: 1, cpu: 95, memory: 1 });
  assert.equal(rowLevel(busy, { ...SCENE, cpus: 256 }), "normal");
  assert.equal(rowLevel(row({ key: 1, cpu: 190, memory: 1 }), { ...SCENE, cpus: 2 }), "critical");
  assert.equal(rowLevel(row({ key: 1, cpu: 30, memory: 1 }), { ...SCENE, cpus: 0.5 }), "warning");
});

test("a status has the word and the rule that the kernel's alerts have", () => {
  for (const { name, word, hangs } of STATUSES) {
    const since = SCENE.time - HANGS_AFTER;
    assert.equal(statusWord(name), word);
    assert.equal(statusLevel(row({ key: 1, status: name, since: since + 1 }), SCENE), "normal");
    assert.equal(statusLevel(row({ key: 1, status: name, since }), SCENE), hangs ? "warning" : "normal", name);
  }
  assert.equal(statusWord("constructor"), "constructor");
});

test("without the host's memory a process's share is unknown and calm", () => {
  assert.equal(rowLevel(row({ key: 1, memory: 1e6 }), { ...SCENE, memoryTotal: null }), "normal");
});

test("where a thousand counts, memory, sizes and growth are in megabytes", () => {
  useUnits({ decimal: true });
  try {
    assert.deepEqual(
      [memory(100), bytes(999), bytes(1000), bytes(1e6), bytes(2.5e9), growth(10), memoryChange(-10)],
      ["104.9 MB", "999 B", "1.0 kB", "1.0 MB", "2.5 GB", "+10.5 MB/min", "-10.5 MB"],
    );
  } finally {
    useUnits(undefined);
  }
  assert.deepEqual([memory(100), bytes(1024)], ["100.0 MiB", "1.0 KiB"]);
});
