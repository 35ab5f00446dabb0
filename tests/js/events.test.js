/** What the head does about alerts: events, thresholds, expected ones, the cause, ended processes, notifications. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, place } from "./page.js";
import { PATIENCE } from "../../procwidget/views/js/connection/head_link.js";
import { lasted } from "../../procwidget/views/js/events/event_list.js";
import { mistake } from "../../procwidget/views/js/events/thresholds_dialog.js";
import summary from "../../procwidget/views/js/summary.js";
import { FakeModel } from "./rows.js";

/** @type {import("../../procwidget/views/js/connection/answers.js").Settings} */
const SETTINGS = {
  cpu: [70, 90],
  memory: [70, 90],
  swap: [50, 90],
  process_cpu: [50, 90],
  process_memory: [20, 50],
  hold: 0,
  process_hold: 10,
};

const CPU = { level: "critical", text: "CPU 97 % for 4 s", kind: "cpu", about: "" };
const CAUSE = { kind: "process", name: "<i>train</i>", share: 0.9, processes: ["7-1"], query: "pid=7" };

/** @param {object} [given] */
function reading(given = {}) {
  return {
    time: 1_700_000_000,
    interval: 2,
    headline: { level: "normal", text: "Calm" },
    meters: [],
    cores: [],
    facts: [],
    alerts: [],
    notes: [],
    cost: null,
    thresholds: SETTINGS,
    events: { version: 1 },
    told: null,
    expected: [],
    ...given,
  };
}

/**
 * A summary on a page whose table lets processes be ended.
 * @param {import("node:test").TestContext} context
 * @param {object} [first]
 */
function shown(context, first = {}) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const dashboard = place();
  dashboard.className = "procwidget";
  dashboard.setAttribute("data-acts", "true");
  const el = document.createElement("div");
  dashboard.append(el);
  const model = new FakeModel({ reading: reading(first) });
  context.after(summary.render({ model, el }));
  appear();
  let time = reading().time;
  /** @param {object} given */
  const tell = (given) => {
    model.set("reading", reading({ time: ++time, ...given }));
    context.mock.timers.tick(10);
  };
  tell(first);
  /** @param {string} text */
  const press = (text) => {
    const found = [...el.querySelectorAll("button")].find(
      (one) => one.textContent === text && !one.closest("[hidden]"),
    );
    assert.ok(found, `there is no button ${text}`);
    found.click();
  };
  /** @param {object} result */
  const answer = (result) => {
    const { request } = model.sent.filter((/** @type {any} */ sent) => sent.request).at(-1);
    model.emit("msg:custom", { type: "answer", request, ...result });
  };
  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (el.querySelector(selector));
  const items = () => [...el.querySelectorAll(".pw-alerts > div")].map((item) => item.firstElementChild?.textContent);
  return { dashboard, el, model, tell, press, answer, find, items };
}

test("the event list is asked for when it is opened and when it has changed meanwhile, and never else", (context) => {
  const { model, tell, press, answer, find } = shown(context);
  const asked = () => model.sent.filter(({ type }) => type === "events").length;
  tell({ events: { version: 5 } });
  assert.equal(asked(), 0);
  press("Events");
  assert.equal(asked(), 1);
  const event = { number: 1, kind: "cpu", level: "critical", began: 1000, ended: 1090, worst: 97, text: "<b>CPU</b>" };
  const later = { ...event, number: 2, level: "normal", began: 2000, ended: 2000, text: "Ended sleep (7)" };
  answer({ result: "events", version: 5, events: [event, later] });
  const texts = [...find(".pw-events").querySelectorAll(".pw-event-text")].map((text) => text.textContent);
  assert.deepEqual(texts, ["Ended sleep (7)", "<b>CPU</b>"]);
  assert.equal(find(".pw-events b"), null);
  const marks = [...find(".pw-events").querySelectorAll(".pw-event-mark")].map((one) => one.getAttribute("aria-label"));
  assert.deepEqual(marks, ["normal", "critical"]);
  tell({ events: { version: 5 } });
  assert.equal(asked(), 1);
  tell({ events: { version: 6 } });
  assert.equal(asked(), 2);
  answer({ result: "events", version: 6, now: 1030, events: [{ ...event, ended: null }] });
  const lasts = find(".pw-event-lasted").textContent;
  assert.match(lasts ?? "", /^for .*30 s, goes on$/, "as long as there are readings, not until now");
  press("Events");
  tell({ events: { version: 7 } });
  assert.equal(asked(), 2);
});

test("how long an event lasted is said, of a moment nothing", () => {
  assert.equal(lasted(1000, 1090, 5000), "for 1 min 30 s");
  assert.equal(lasted(1000, null, 1005), "for 5 s, goes on");
  assert.equal(lasted(1000, 1000, 5000), "");
});

test("a kernel that does not answer is said to", (context) => {
  const { press, find } = shown(context);
  press("Events");
  context.mock.timers.tick(PATIENCE + 1);
  assert.match(find(".pw-events-note").textContent ?? "", /does not answer/);
});

test("an alert is expected from its menu, and that is taken back", (context) => {
  const { el, model, tell, press, items } = shown(context, { alerts: [CPU] });
  const menu = el.querySelector('[aria-label="Expected… (cpu)"]');
  press("1 more");
  press("Expected…");
  press("For an hour");
  const { request, ...sent } = model.sent.at(-1);
  assert.deepEqual(sent, { type: "expect", kind: "cpu", about: "", on: true, seconds: 3600 });
  tell({ expected: [{ kind: "cpu", about: "", until: null, text: CPU.text }] });
  assert.deepEqual(items(), ["Expected until it ends: CPU 97 % for 4 s"]);
  assert.equal(el.querySelector(".pw-alerts > div")?.getAttribute("data-level"), "expected");
  press("Take back");
  assert.deepEqual([model.sent.at(-1).type, model.sent.at(-1).on], ["expect", false]);
  tell({ alerts: [CPU] });
  assert.deepEqual(items(), [CPU.text]);
  assert.equal(el.querySelector('[aria-label="Expected… (cpu)"]'), menu, "it stays the item of its alert");
});

test("the alert that the sentence says can be expected too", (context) => {
  const { model, press } = shown(context, { headline: { level: "critical", text: CPU.text, kind: "cpu", about: "" } });
  press("Expected…");
  press("Until it ends");
  const { request, ...sent } = model.sent.at(-1);
  assert.deepEqual(sent, { type: "expect", kind: "cpu", about: "", on: true, seconds: null });
});

test("the menu of the sentence closes when the sentence says another alert", (context) => {
  const headline = { level: "critical", text: CPU.text, kind: "cpu", about: "" };
  const { el, tell, press } = shown(context, { headline });
  const button = el.querySelector('[aria-label="Expected… (the sentence)"]');
  press("Expected…");
  tell({ headline: { ...headline, text: "CPU 98 % for 6 s" } });
  assert.equal(button?.getAttribute("aria-expanded"), "true");
  tell({ headline: { ...headline, text: "Memory 99 %", kind: "memory" } });
  assert.equal(button?.getAttribute("aria-expanded"), "false");
});

test("an alert's item stays its own while others come before it", (context) => {
  const { el, tell, items } = shown(context, { alerts: [CPU] });
  const item = el.querySelector(".pw-alerts > div");
  const other = { ...CPU, text: "Memory 99 %", kind: "memory" };
  tell({ alerts: [other, { ...CPU, text: "CPU 98 % for 6 s" }] });
  assert.deepEqual(items(), ["Memory 99 %", "CPU 98 % for 6 s"]);
  assert.equal(el.querySelectorAll(".pw-alerts > div")[1], item);
});

test("a refused request is said in the head", (context) => {
  const { press, answer, find } = shown(context, { alerts: [CPU] });
  press("1 more");
  press("Expected…");
  press("Until it ends");
  answer({ result: "refused", refusals: ["There is no such alert now."] });
  assert.equal(find(".pw-notes").textContent, "There is no such alert now.");
});

test("thresholds are set by one message, and a mistake is one sentence and sends nothing", (context) => {
  const { el, model, press, answer, find } = shown(context);
  press("Thresholds…");
  assert.match(
    find(".pw-thresholds").textContent,
    /With its usual values CPU is an alert by how long tasks wait for it/,
  );
  const input = (/** @type {string} */ label) =>
    /** @type {HTMLInputElement} */ (el.querySelector(`[aria-label="${label}"]`));
  assert.equal(input("CPU: critical").value, "90");
  input("CPU: warning").value = "95";
  press("Set");
  assert.equal(
    find(".pw-thresholds .pw-mistake").textContent,
    "CPU: the warning, 95, must not be above the critical, 90.",
  );
  assert.equal(model.sent.filter(({ type }) => type === "thresholds").length, 0);
  input("CPU: warning").value = "60.5";
  press("Set");
  const { request, ...sent } = model.sent.at(-1);
  assert.deepEqual(sent, { type: "thresholds", values: { ...SETTINGS, cpu: [60.5, 90] } });
  answer({ result: "refused", refusals: ["No."] });
  assert.equal(find(".pw-thresholds .pw-mistake").textContent, "No.");
  press("Set");
  answer({ result: "thresholds", thresholds: SETTINGS });
  assert.equal(find(".pw-thresholds"), null);
});

test("every kind of mistake in thresholds has its sentence", () => {
  assert.equal(mistake(SETTINGS), null);
  for (const [wrong, sentence] of /** @type {const} */ ([
    [{ memory: [NaN, 90] }, /^Memory: a threshold is a number/],
    [{ swap: [0, 101] }, /from 0 to 100\.$/],
    [{ process_memory: [60, 50] }, /must not be above/],
    [{ process_hold: 4000 }, /seconds from 0 to 3600/],
    [{ hold: NaN }, /seconds/],
  ])) {
    assert.match(mistake(/** @type {any} */ ({ ...SETTINGS, ...wrong })) ?? "", sentence);
  }
});

test("the cause is shown and ended by events of the dashboard, where it is known and few", (context) => {
  const { dashboard, tell, press, find } = shown(context);
  /** @type {any[]} */
  const heard = [];
  for (const type of ["procwidget-show", "procwidget-end"]) {
    dashboard.addEventListener(type, (event) => heard.push(/** @type {CustomEvent} */ (event).detail));
  }
  const group = find(".pw-cause");
  assert.equal(group.hidden, true);
  tell({ headline: { level: "critical", text: "CPU is full", cause: CAUSE } });
  assert.equal(group.hidden, false);
  press("Show");
  press("End…");
  assert.deepEqual(heard, ["pid=7", ["7-1"]]);
  const many = Array.from({ length: 11 }, (_, at) => `${at}-1`);
  tell({ headline: { level: "critical", text: "CPU is full", cause: { ...CAUSE, processes: many } } });
  assert.deepEqual([find(".pw-cause-show").hidden, find(".pw-cause-end").hidden], [false, true]);
  dashboard.setAttribute("data-acts", "false");
  tell({ headline: { level: "critical", text: "CPU is full", cause: CAUSE } });
  assert.equal(find(".pw-cause-end").hidden, true);
  tell({ headline: { level: "normal", text: "Calm", cause: null } });
  assert.equal(group.hidden, true);
});

test("a process that ended is said until that is dismissed, and the next one again", (context) => {
  const { tell, press, find } = shown(context);
  const told = { number: 1, text: "<b> (7) has ended after 2 h", time: 1_700_000_000 };
  assert.equal(find(".pw-told").hidden, true);
  tell({ told });
  assert.match(find('[aria-label="Ended"]').textContent ?? "", /^\d\d:\d\d:\d\d: <b> \(7\) has ended after 2 h$/);
  press("Dismiss");
  tell({ told });
  assert.equal(find(".pw-told").hidden, true);
  tell({ told: { ...told, number: 2 } });
  assert.equal(find(".pw-told").hidden, false);
});

/**
 * A browser that has notifications, or refuses them.
 * @param {import("node:test").TestContext} context
 * @param {string | null} permission what it says when it is asked; null is a browser without them
 */
function browser(context, permission) {
  /** @type {string[]} */
  const seen = [];
  class Notice {
    static permission = "default";
    static async requestPermission() {
      Notice.permission = permission ?? "denied";
      return Notice.permission;
    }
    /** @param {string} _title @param {{ body: string }} options */
    constructor(_title, { body }) {
      seen.push(body);
    }
  }
  Reflect.set(window, "Notification", permission === null ? undefined : Notice);
  context.after(() => Reflect.deleteProperty(window, "Notification"));
  return seen;
}

test("notifications come on request only, and the kernel is told that they are wanted again and again", async (context) => {
  const seen = browser(context, "granted");
  const { model, find } = shown(context);
  const wanted = () => model.sent.filter(({ type }) => type === "notify").length;
  model.emit("msg:custom", { type: "notice", text: "not wanted" });
  const box = /** @type {HTMLInputElement} */ (find(".pw-notify input"));
  assert.deepEqual([seen, wanted()], [[], 0]);
  box.click();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(wanted(), 1);
  context.mock.timers.tick(120_000);
  assert.equal(wanted(), 3);
  model.emit("msg:custom", { type: "notice", text: "Critical: CPU 97 %" });
  assert.deepEqual(seen, ["Critical: CPU 97 %"]);
  box.click();
  model.emit("msg:custom", { type: "notice", text: "more" });
  context.mock.timers.tick(120_000);
  assert.deepEqual([seen.length, wanted()], [1, 3]);
});

test("a browser that refuses notifications, or has none, is said to", async (context) => {
  for (const [permission, sentence] of /** @type {const} */ ([
    ["denied", /^The browser refuses notifications of this page/],
    ["default", /was not allowed/],
    [null, /only on pages over https/],
  ])) {
    await context.test(String(permission), async (inner) => {
      browser(inner, permission);
      const { model, find } = shown(inner);
      const box = /** @type {HTMLInputElement} */ (find(".pw-notify input"));
      box.click();
      await Promise.resolve();
      await Promise.resolve();
      assert.match(find(".pw-notify-state").textContent ?? "", sentence);
      assert.equal(box.checked, false);
      assert.equal(model.sent.filter(({ type }) => type === "notify").length, 0);
    });
  }
});
