/** A view of a past moment: the table as it was, nothing ended from it, and back. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ask } from "../../procwidget/views/js/connection/protocol.js";
import { Link } from "../../procwidget/views/js/connection/link.js";
import { ShownMoment } from "../../procwidget/views/js/past/shown_moment.js";
import { OF_INTERVAL } from "../../procwidget/views/js/past/interval_columns.js";
import { RowsTable } from "../../procwidget/views/js/past/rows_table.js";
import { ago } from "../../procwidget/views/js/past/strip.js";
import { DayStrip } from "../../procwidget/views/js/past/day_strip.js";
import { stepFrom } from "../../procwidget/views/js/past/player.js";
import { detailsOf, fateOf } from "../../procwidget/views/js/details/past_details.js";
import { blankRow } from "../../procwidget/views/js/rows/row.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { FakeModel, frame, row } from "./rows.js";

/**
 * @param {import("node:test").TestContext} context
 * @param {ConstructorParameters<typeof ShownMoment>[2]} [on]
 */
function looking(context, on) {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store, () => 0);
  let clock = 0;
  // Long enough after the request before, and soon enough to await its answer.
  const past = new ShownMoment(link, store, on, () => (clock += 500));
  const dashboard = document.createElement("div");
  dashboard.append(past.strip.element);
  document.body.append(dashboard);
  past.attach(dashboard);
  context.after(() => {
    past.remove();
    link.close();
    dashboard.remove();
  });
  link.want({}, true);
  const live = (/** @type {number} */ seq, /** @type {any[]} */ rows) => {
    const [content, block] = frame({ seq, whole: seq === 1 }, rows);
    model.emit("msg:custom", content, [block]);
  };
  /** Answer the newest request with a past moment. */
  const answer = (/** @type {any[]} */ rows, time = 1000, /** @type {string[]} */ ended = []) => {
    const [content, block] = frame({ seq: 1, whole: true, time }, rows);
    const request = model.sent.filter((/** @type {any} */ one) => one.type === "moment").at(-1).request;
    const told = { result: "moment", time, first: 900, last: 2000, frame: content, reading: {}, ended };
    model.emit("msg:custom", { type: "answer", request, ...told }, [block]);
  };
  const names = () => [...store.rows.values()].map(({ name }) => name).sort();
  return { model, store, link, past, dashboard, live, answer, names };
}

test("a past moment is shown as it was, and live frames change nothing in it", (context) => {
  const { store, past, dashboard, live, answer, names, model } = looking(context);
  live(1, [row({ key: 7, name: "now" }), row({ key: 8, name: "both", cpu: 5 })]);
  past.go("10:32");
  assert.deepEqual(
    { ...model.sent.at(-1), request: "", view: "" },
    { type: "moment", when: "10:32", step: 0, panels: [], request: "", view: "" },
  );
  // Its keys are its own: 1 is another process than the present's.
  answer([row({ key: 1, pid: 8, identity: "8-8", name: "both", cpu: 90 }), row({ key: 2, name: "gone" })], 1000, [
    "2-2",
  ]);
  assert.deepEqual(names(), ["both", "gone"]);
  assert.equal(store.rows.get(8)?.cpu, 90, "the same process keeps its row");
  assert.equal(dashboard.dataset["past"], "1000");
  assert.equal(past.strip.element.hidden, false);
  assert.equal(past.strip.element.dataset["time"], "1000");
  assert.ok(store.past?.ended.has("2-2"));
  live(2, [row({ key: 9, name: "newer" })]);
  assert.deepEqual(names(), ["both", "gone"]);
});

test("back in the present a whole frame is asked for, and all is live again", (context) => {
  const { past, dashboard, live, answer, names, model } = looking(context);
  live(1, [row({ key: 7, name: "now" })]);
  past.go(1000);
  answer([row({ key: 1, name: "then" })]);
  dashboard.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.equal(model.sent.at(-1).type, "whole");
  assert.equal(dashboard.dataset["past"], undefined);
  assert.equal(past.strip.element.hidden, true);
  const [content, block] = frame({ seq: 5, whole: true }, [row({ key: 7, name: "now" })]);
  model.emit("msg:custom", content, [block]);
  assert.deepEqual(names(), ["now"]);
});

test("nothing is ended from the past", async (context) => {
  const { link, past, live, answer, model } = looking(context);
  live(1, [row({ key: 7 })]);
  past.go(1000);
  answer([row({ key: 1 })]);
  const refused = await new Promise((resolve) => link.request(ask(["1-1"], "SIGTERM"), resolve));
  assert.match(refused.refusals[0], /go back to Live/);
  assert.ok(!model.sent.some((/** @type {any} */ one) => one.type === "ask"));
});

test("keys go from reading to reading, and from the present only back", (context) => {
  const { dashboard, live, answer, model } = looking(context);
  live(1, [row({ key: 7 })]);
  const press = (/** @type {string} */ key) =>
    dashboard.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const before = model.sent.length;
  press("T");
  assert.equal(model.sent.length, before);
  press("t");
  assert.deepEqual([model.sent.at(-1).when, model.sent.at(-1).step], [2000, -1]);
  answer([row({ key: 1 })], 1998);
  press("T");
  assert.deepEqual([model.sent.at(-1).when, model.sent.at(-1).step], [1998, 1]);
});

test("of the moments that somebody scrubs over while one is awaited only the last is asked for", (context) => {
  const { past, live, answer, names, model } = looking(context);
  live(1, [row({ key: 7, name: "now" })]);
  const asked = () =>
    model.sent.filter((/** @type {any} */ { type }) => type === "moment").map((/** @type {any} */ { when }) => when);
  past.go(1000);
  past.go(1200);
  past.go(1500);
  assert.deepEqual(asked(), [1000]);
  answer([row({ key: 1, name: "first" })], 1000);
  assert.deepEqual(asked(), [1000, 1500]);
  assert.deepEqual(names(), ["first"]);
});

test("an answer that comes after the return to the present changes nothing", (context) => {
  const { past, live, answer, names, dashboard } = looking(context);
  live(1, [row({ key: 7, name: "now" })]);
  past.go(1000);
  past.live();
  answer([row({ key: 1, name: "then" })]);
  assert.deepEqual(names(), ["now"]);
  assert.equal(dashboard.dataset["past"], undefined);
});

test("a process that has ended is the same row at each past moment, and another one is not", (context) => {
  const { store, past, live, answer } = looking(context);
  live(1, [row({ key: 7, name: "now" })]);
  past.go(1000);
  answer([row({ key: 1, name: "a", identity: "1-1" }), row({ key: 2, name: "b", identity: "2-2" })], 1000);
  const of = (/** @type {string} */ identity) => [...store.rows.values()].find((one) => one.identity === identity);
  const a = of("1-1");
  past.go(1002);
  answer([row({ key: 9, name: "b", identity: "2-2" }), row({ key: 1, name: "a", identity: "1-1" })], 1002);
  assert.equal(of("1-1"), a);
  assert.equal(a?.name, "a");
});

test("a recording is shown from its end on, has no present, and Escape leaves it shown", (context) => {
  const { past, live, answer, model, dashboard } = looking(context, { replay: true });
  live(1, [row({ key: 7 })]);
  assert.deepEqual([model.sent.at(-1).type, model.sent.at(-1).when], ["moment", "0s"]);
  answer([row({ key: 1 })], 1990);
  past.live();
  assert.equal(model.sent.at(-1).when, "0s");
  dashboard.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.equal(dashboard.dataset["past"], "1990");
  assert.match(past.strip.words.textContent ?? "", /Recording of .*before its end/);
  assert.equal(past.strip.back.textContent, "To its end", "elsewhere End ends processes");
});

test("who still runs is gone to in the present, and only once that is shown", (context) => {
  /** @type {string[]} */
  const shown = [];
  const { past, live, answer } = looking(context, { show: (identity) => shown.push(identity) });
  live(1, [row({ key: 7, identity: "7-7" })]);
  past.go(1000);
  answer([row({ key: 1, identity: "7-7" })]);
  past.goNow("7-7");
  assert.deepEqual(shown, []);
  live(1, [row({ key: 7, identity: "7-7" })]);
  assert.deepEqual(shown, ["7-7"]);
});

test("a hole is no line at zero, and what is still to come is no hole", (context) => {
  const strip = new DayStrip(() => {});
  context.after(() => strip.element.remove());
  strip.show({
    result: "overview",
    first: 1000,
    last: 1060,
    from: 1000,
    to: 1080,
    width: 10,
    there: [1, 1, 0, 0, 1, 1, 0, 0],
    cpu: [5, 10, null, null, 0, 90, null, null],
    memory: [],
    marks: [[1050, "critical", "<b>Memory</b> is full"]],
  });
  const of = (/** @type {string} */ name) =>
    [...strip.shape.querySelectorAll(`.${name}`)].map((one) => [one.getAttribute("x"), one.getAttribute("width")]);
  assert.deepEqual(of("pw-day-hole"), [["2", "2"]]);
  assert.equal(strip.shape.querySelectorAll(".pw-day-cpu").length, 2);
  assert.match(/** @type {HTMLElement} */ (strip.marks.firstElementChild).title, /<b>Memory<\/b> is full/);
});

test("what was read is played in its time or faster, and a hole takes no longer than a moment", () => {
  assert.deepEqual(stepFrom({ time: 100, next: 102 }, 1), { to: 102, wait: 2 });
  assert.deepEqual(stepFrom({ time: 100, next: 102 }, 20), { to: 105, wait: 0.25 });
  assert.deepEqual(stepFrom({ time: 100, next: 3700 }, 5), { to: 3700, wait: 2 });
});

test("an interval is compared with the time before it, or with the next one that is chosen", (context) => {
  const { past, live, model } = looking(context);
  live(1, [row({ key: 7 })]);
  past.intervals.between(1000, 1060);
  const { request } = model.sent.at(-1);
  const told = { result: "interval", from: 1000, to: 1060, processes: [], left_out: 0 };
  model.emit("msg:custom", { type: "answer", request, ...told }, []);
  past.intervals.beforeButton.click();
  assert.deepEqual(
    [model.sent.at(-1).before, model.sent.at(-1).after],
    [
      [940, 1000],
      [1000, 1060],
    ],
  );
  past.intervals.anotherButton.click();
  past.intervals.between(800, 860);
  assert.deepEqual(
    [model.sent.at(-1).before, model.sent.at(-1).after],
    [
      [800, 860],
      [1000, 1060],
    ],
  );
});

test("the details of a past moment are those of its table, and say what became of the process", () => {
  const rows = [
    { ...blankRow(1), pid: 1, identity: "1-1", name: "init" },
    { ...blankRow(2), pid: 2, identity: "2-1", name: "sh", ppid: 1, command: "sh -c x", memory: 2 },
    { ...blankRow(3), pid: 3, identity: "3-1", name: "child", ppid: 2 },
  ];
  const sh = /** @type {import("../../procwidget/views/js/types.js").Row} */ (rows[1]);
  const known = detailsOf(sh, rows);
  assert.deepEqual(known.parents, [{ pid: 1, name: "init" }]);
  assert.deepEqual(known.children, [{ pid: 3, name: "child" }]);
  assert.equal(known.command, "sh -c x");
  const past = { time: 1000, ended: new Set(["2-1"]), why: { "2-1": "killed by SIGKILL" } };
  assert.match(fateOf(sh, past, 1100, false), /It ended at .*: killed by SIGKILL\.$/);
  assert.match(fateOf(sh, { ...past, ended: new Set() }, null, false), /still runs/);
  assert.match(fateOf({ ...sh, ended: true }, past, null, false), /not there/);
});

test("what is no moment gets its sentence in the strip", (context) => {
  const { past, live, model } = looking(context);
  live(1, [row({ key: 7 })]);
  past.go("soon");
  const { request } = model.sent.at(-1);
  model.emit(
    "msg:custom",
    { type: "answer", request, result: "refused", refusals: ["A moment must be such as …"] },
    [],
  );
  assert.equal(past.strip.mistake.textContent, "A moment must be such as …");
  assert.equal(past.time, null);
});

test("an interval is a table that sorts by any column, what is unknown last", (context) => {
  const table = new RowsTable("Between two moments", OF_INTERVAL, "cpu_seconds", { closed: () => {}, go: () => {} });
  context.after(() => table.element.remove());
  const blank = {
    user: "ana",
    command: null,
    memory: 1,
    read: null,
    written: null,
    began: null,
    ended: null,
    why: null,
  };
  table.show(
    "From … to …",
    [
      { ...blank, pid: 1, name: "little", identity: "1-1", cpu_seconds: 1, memory_change: 500 },
      { ...blank, pid: 2, name: "<b>much</b>", identity: "2-1", cpu_seconds: 50, memory_change: null },
      {
        ...blank,
        pid: 3,
        name: "some",
        identity: "3-1",
        cpu_seconds: 5,
        memory_change: -3,
        ended: 1050,
        why: "killed by SIGKILL",
      },
    ],
    0,
  );
  const pids = () => [...table.body.querySelectorAll("tr")].map((line) => line.dataset["pid"]);
  assert.deepEqual(pids(), ["2", "3", "1"]);
  const sort = (/** @type {string} */ key) =>
    /** @type {HTMLElement} */ (table.element.querySelector(`th[data-column="${key}"] button`)).click();
  sort("memory_change");
  assert.deepEqual(pids(), ["1", "3", "2"]);
  sort("memory_change");
  assert.deepEqual(pids(), ["3", "1", "2"]);
  assert.equal(table.element.querySelector('th[data-column="memory_change"]')?.getAttribute("aria-sort"), "ascending");
  assert.match(table.body.textContent ?? "", /killed by SIGKILL/);
  assert.equal(table.body.querySelector("b"), null);
});

test("how long ago is said in words", () => {
  assert.deepEqual([0, 59, 60, 3 * 60, 3600 + 120, 51 * 3600].map(ago), [
    "0 s ago",
    "59 s ago",
    "1 min ago",
    "3 min ago",
    "1 h 2 min ago",
    "2 d 3 h ago",
  ]);
});
