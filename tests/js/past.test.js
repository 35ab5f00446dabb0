/** A view of a past moment: the table as it was, nothing ended from it, and back. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ask } from "../../procwidget/views/js/connection/protocol.js";
import { Link } from "../../procwidget/views/js/connection/link.js";
import { PastController } from "../../procwidget/views/js/past/controller.js";
import { IntervalTable } from "../../procwidget/views/js/past/interval_table.js";
import { ago } from "../../procwidget/views/js/past/strip.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { FakeModel, frame, row } from "./rows.js";

/** @param {import("node:test").TestContext} context */
function looking(context) {
  const model = new FakeModel();
  const store = new Store();
  const link = new Link(model, store, () => 0);
  const past = new PastController(link, store);
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

test("an answer that comes late does not take the place of a newer one", (context) => {
  const { past, live, answer, names, model } = looking(context);
  live(1, [row({ key: 7, name: "now" })]);
  past.go(1000);
  const late = model.sent.at(-1).request;
  past.go(1500);
  answer([row({ key: 1, name: "asked for" })], 1500);
  const [content, block] = frame({ seq: 1, whole: true, time: 1000 }, [row({ key: 1, name: "late" })]);
  const told = { result: "moment", time: 1000, first: 900, last: 2000, frame: content, reading: {}, ended: [] };
  model.emit("msg:custom", { type: "answer", request: late, ...told }, [block]);
  assert.deepEqual(names(), ["asked for"]);
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
  const table = new IntervalTable(() => {});
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
  table.show({
    result: "interval",
    from: 1000,
    to: 1060,
    left_out: 0,
    processes: [
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
  });
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
  assert.deepEqual([0, 59, 60, 3 * 60, 3600 + 120].map(ago), [
    "0 s ago",
    "59 s ago",
    "1 min ago",
    "3 min ago",
    "1 h 2 min ago",
  ]);
});
