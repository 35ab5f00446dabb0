/** The wire: nothing is lost silently, nobody is watched for in vain, every answer finds its request. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ask } from "../../procwidget/views/js/connection/protocol.js";
import { Link } from "../../procwidget/views/js/connection/link.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { FakeModel, frame, row } from "./rows.js";

/** @param {import("node:test").TestContext} context */
function wire(context) {
  const model = new FakeModel();
  const store = new Store();
  const time = { now: 0 };
  const link = new Link(model, store, () => time.now);
  context.after(() => link.close());
  const view = {};
  /** @param {Parameters<typeof frame>} what */
  const receive = (...what) => {
    const [content, block] = frame(...what);
    model.emit("msg:custom", content, [block]);
  };
  /** @param {string} type */
  const sent = (type) => model.sent.filter((message) => message.type === type);
  return { model, store, time, link, view, receive, sent };
}

test("a view that watches is announced once, and its leaving too", (context) => {
  const { link, view, sent } = wire(context);
  link.want(view, true);
  link.want({}, true);
  link.want(view, true);
  assert.deepEqual(
    sent("watch").map(({ on }) => on),
    [true],
  );
  link.want(view, false);
  assert.deepEqual(
    sent("watch").map(({ on }) => on),
    [true],
    "another view still watches",
  );
  link.close();
  assert.deepEqual(
    sent("watch").map(({ on }) => on),
    [true, false],
  );
});

test("a page that is left stops watching, and one that comes back watches again", (context) => {
  const { link, view, sent } = wire(context);
  link.want(view, true);
  for (const name of ["pagehide", "pageshow"]) {
    window.dispatchEvent(new Event(name));
  }
  assert.deepEqual(
    sent("watch").map(({ on }) => on),
    [true, false, true],
  );
});

test("when the network is back, a page that watches says so at once, and one that does not says nothing", (context) => {
  const { link, view, sent } = wire(context);
  window.dispatchEvent(new Event("online"));
  assert.equal(sent("watch").length, 0);
  link.want(view, true);
  window.dispatchEvent(new Event("online"));
  assert.deepEqual(
    sent("watch").map(({ on }) => on),
    [true, true],
  );
});

test("frames in sequence are applied, and acknowledged with the next sign of life", (context) => {
  const { link, view, store, receive, sent } = wire(context);
  link.want(view, true);
  receive({ seq: 5, whole: true }, [row({ key: 1 })]);
  receive({ seq: 6 }, [row({ key: 2 })]);
  assert.equal(store.rows.size, 2);
  assert.equal(sent("ack").length, 0, "a message a frame would cost the kernel more than the frame");
  link.beat();
  link.beat();
  assert.deepEqual(
    sent("ack").map(({ seq }) => seq),
    [6, 6],
  );
  assert.equal(new Set(sent("ack").map((message) => message.view)).size, 1);
});

test("after a gap frames are dropped until the whole one that was asked for", (context) => {
  const { link, view, store, time, receive, sent } = wire(context);
  link.want(view, true);
  receive({ seq: 1, whole: true }, [row({ key: 1 })]);
  time.now = 6000;
  receive({ seq: 3, gone: [1] }, []);
  receive({ seq: 4 }, [row({ key: 2 })]);
  assert.deepEqual([...store.rows.keys()], [1]);
  assert.equal(sent("whole").length, 1, "asking again at once would only cost");
  receive({ seq: 5, whole: true }, [row({ key: 2 })]);
  receive({ seq: 6 }, [row({ key: 3 })]);
  assert.deepEqual([...store.rows.keys()], [2, 3]);
});

test("a block that was cut asks for a whole frame", (context) => {
  const { link, model, view, time, receive, sent } = wire(context);
  link.want(view, true);
  receive({ seq: 1, whole: true }, [row({ key: 1 })]);
  link.beat();
  time.now = 6000;
  const [content] = frame({ seq: 2 }, [row({ key: 2 })]);
  model.emit("msg:custom", content, [new DataView(new ArrayBuffer(7))]);
  assert.equal(sent("whole").length, 1);
  link.beat();
  assert.deepEqual(
    sent("ack").map(({ seq }) => seq),
    [1],
  );
});

test("frames for others are ignored while nobody watches here", (context) => {
  const { link, view, store, receive, sent } = wire(context);
  receive({ seq: 1, whole: true }, [row({ key: 1 })]);
  assert.equal(store.rows.size, 0);
  link.want(view, true);
  receive({ seq: 2, whole: true }, [row({ key: 1 })]);
  link.want(view, false);
  receive({ seq: 3, gone: [1] }, []);
  assert.equal(store.rows.size, 1);
  assert.equal(sent("whole").length, 0);
});

test("a slow interval still shows signs of life; silence announces again, less and less often", (context) => {
  const { link, view, time, receive, sent } = wire(context);
  link.want(view, true);
  receive({ seq: 1, whole: true, interval: 60 }, []);
  for (time.now = 5000; time.now <= 60_000; time.now += 5000) {
    link.beat();
  }
  assert.equal(sent("watch").length, 1);
  assert.equal(sent("ack").length, 12);
  receive({ seq: 2, interval: 1 }, []);
  for (let beats = 0; beats < 120; beats++) {
    time.now += 5000;
    link.beat();
  }
  const again = sent("watch").length - 1;
  assert.ok(again >= 4 && again <= 9, `announced ${again} times in ten minutes`);
});

test("an answer goes to its request, once, and to nobody else", (context) => {
  const { link, model } = wire(context);
  /** @type {string[]} */
  const heard = [];
  const first = link.request(ask([], "SIGTERM"), () => heard.push("first"));
  const second = link.request(ask([], "SIGTERM"), () => heard.push("second"));
  assert.notEqual(first, second);
  for (const request of [second, "another page's", second, first, undefined]) {
    model.emit("msg:custom", { type: "answer", request, result: "refused", refusals: [] });
  }
  assert.deepEqual(heard, ["second", "first"]);
});

test("a kernel that is gone throws nothing at the user", (context) => {
  const { link, model, view } = wire(context);
  model.send = () => {
    throw new Error("the comm is closed");
  };
  const debug = context.mock.method(console, "debug", () => {});
  link.want(view, true);
  assert.equal(debug.mock.callCount(), 1);
});

/**
 * A wire whose kernel knows the given names, through a front end with subshells.
 * @param {import("node:test").TestContext} context
 * @param {() => Promise<object>} known
 */
function doubtful(context, known) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const made = wire(context);
  const kernel = { commsOverSubshells: "perCommTarget" };
  made.model.state["own_id"] = "table";
  Object.assign(made.model, { widget_manager: { kernel, _get_comm_info: known } });
  /** @type {(string | null)[]} */
  const told = [];
  made.link.follow((why) => told.push(why));
  made.link.want(made.view, true);
  const silence = async () => {
    made.time.now += 15_000;
    made.link.beat();
    await new Promise((done) => setImmediate(done));
  };
  return { ...made, kernel, told, silence };
}

test("a kernel that answers and has lost the widget is told of, and requests are refused with that", async (context) => {
  const { link, told, silence, sent } = doubtful(context, async () => ({ "somebody else's": {} }));
  /** @type {any[]} */
  const answers = [];
  link.request(ask([], "SIGTERM"), (answer) => answers.push(answer));
  await silence();
  assert.match(String(told), /^The kernel was restarted/);
  link.request(ask([], "SIGTERM"), (answer) => answers.push(answer));
  await null;
  const refused = { result: "refused", refusals: told };
  // The second was never sent.
  assert.deepEqual(answers, [
    { ...refused, unknown: true },
    { ...refused, unknown: false },
  ]);
  const watched = sent("watch").length;
  await silence();
  assert.equal(told.length, 1);
  assert.equal(sent("watch").length, watched, "nobody is there who could hear it");
});

test("a kernel that has the widget is tried again over new subshells, and nothing is said", async (context) => {
  const { kernel, told, silence, sent } = doubtful(context, async () => ({ table: {} }));
  await silence();
  assert.equal(kernel.commsOverSubshells, "disabled");
  assert.equal(sent("watch").length, 3, "at first, after the silence, and over the new way");
  context.mock.timers.tick(2000);
  assert.equal(kernel.commsOverSubshells, "perCommTarget");
  assert.deepEqual(told, []);
});

test("a kernel that ended is told of; one that computes and does not answer is not", async (context) => {
  const ended = doubtful(context, () => Promise.reject(new Error("No current kernel")));
  await ended.silence();
  assert.match(String(ended.told), /^The kernel has ended/);
  context.mock.timers.reset();
  let asked = 0;
  const computing = doubtful(context, () => new Promise(() => asked++));
  await computing.silence();
  await computing.silence();
  assert.equal(asked, 1, "one question at a time");
  assert.deepEqual(computing.told, []);
});

test("what a page gives up is lost at once, and found when a frame comes all the same", (context) => {
  const { model, told, receive } = doubtful(context, async () => ({}));
  model.emit("comm_live_update");
  receive({ seq: 1, whole: true }, [row({ key: 1 })]);
  assert.equal(told.length, 2);
  assert.match(String(told[0]), /^The kernel was restarted/);
  assert.equal(told[1], null);
});

test("where there are no cells, none is to be run", async (context) => {
  context.after(() => {
    delete document.body.dataset["voila"];
    document.body.replaceChildren();
  });
  const said = async () => {
    context.mock.timers.reset();
    const { told, silence } = doubtful(context, () => Promise.reject(new Error("No current kernel")));
    await silence();
    return String(told);
  };
  document.body.dataset["voila"] = "voila";
  assert.equal(await said(), "The kernel has ended: load the page again for live figures.");
  const bar = document.createElement("div");
  bar.className = "procwidget-visit";
  document.body.append(bar);
  assert.equal(await said(), "Nothing comes from the kernel: these figures stand still.");
});
