/** The summary: every word comes from the kernel, and what is old says so. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, disappear, place } from "./page.js";
import { markLost } from "../../procwidget/views/js/connection/kernel_loss.js";
import summary from "../../procwidget/views/js/summary.js";
import { FakeModel } from "./rows.js";

/** @param {object} [given] */
function reading(given = {}) {
  const meter = { max: 100, detail: "2 cores", level: "normal", bounds: [70, 90] };
  return {
    time: 1_700_000_000,
    interval: 2,
    headline: { level: "normal", text: "Calm" },
    meters: [
      { key: "cpu_usage", label: "CPU", value: 12.34, text: "12 %", ...meter },
      { key: "swap_usage", label: "Swap", value: null, text: "—", ...meter, detail: "none" },
    ],
    cores: [
      { number: 0, value: 3, level: "normal" },
      { number: 3, value: 97, level: "critical" },
    ],
    facts: [{ label: "Load", text: "0.52 0.48 0.40" }],
    alerts: [],
    notes: [],
    cost: { text: "procwidget itself: 0.4 %" },
    ...given,
  };
}

/**
 * @param {import("node:test").TestContext} context
 * @param {object} [first]
 */
function shown(context, first = reading()) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const dashboard = place();
  dashboard.className = "procwidget";
  const el = document.createElement("div");
  dashboard.append(el);
  const model = new FakeModel({ reading: first });
  const remove = summary.render({ model, el });
  context.after(remove);
  appear();
  /** @param {number} seconds */
  const pass = (seconds) => {
    now += seconds * 1000;
    context.mock.timers.tick(seconds * 1000);
  };
  let time = reading().time;
  /** @param {object} [given] */
  const tell = (given) => {
    model.set("reading", reading({ time: ++time, ...given }));
    pass(0.01);
  };
  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (el.querySelector(selector));
  return { dashboard, el, model, pass, tell, find, remove };
}

test("the dashboard becomes a region with its name", (context) => {
  const { dashboard } = shown(context);
  assert.equal(dashboard.getAttribute("role"), "region");
  assert.equal(dashboard.getAttribute("aria-label"), "Process monitor");
});

test("a meter says its value, its level in words, and where the levels begin", (context) => {
  const { tell, find } = shown(context);
  const meter = find('[role="meter"][aria-label="CPU"]');
  assert.equal(meter.getAttribute("aria-valuenow"), "12.3");
  assert.equal(meter.getAttribute("aria-valuetext"), "12 %, 2 cores");
  assert.deepEqual(
    [...meter.querySelectorAll(".pw-tick")].map((tick) => Reflect.get(tick, "style").left),
    ["70%", "90%"],
  );
  const [cpu, ...others] = reading().meters;
  tell({ meters: [{ ...cpu, value: 97, text: "97 %", level: "critical" }, ...others] });
  assert.equal(find('[role="meter"][aria-label="CPU"]'), meter, "meters are changed in place");
  assert.equal(meter.dataset["level"], "critical");
  assert.match(meter.textContent ?? "", /97 %critical/);
  assert.equal(meter.getAttribute("aria-valuetext"), "97 %, 2 cores, critical");
});

test("an unknown value is said to be unknown", (context) => {
  const { find } = shown(context);
  assert.equal(find('[aria-label="Swap"]').getAttribute("aria-valuetext"), "unknown, none");
});

test("a core has its own number, also when others are offline", (context) => {
  const { find, tell } = shown(context);
  const titles = () => [...find(".pw-core-bars").children].map((core) => core.getAttribute("title"));
  assert.deepEqual(titles(), ["Core 0: 3 %", "Core 3: 97 %"]);
  tell({ cores: [{ number: null, value: 3, level: "normal" }] });
  assert.deepEqual(titles(), ["A core: 3 %"], "unknown is not counted through");
});

test("before the first reading it says that it waits", (context) => {
  const { find, pass } = shown(context, {});
  pass(60);
  assert.equal(find(".pw-headline").textContent, "Waiting for the first reading…");
  assert.equal(find(".pw-age").hidden, true);
});

test("three intervals without a reading are stale, and the next one ends that", (context) => {
  const { find, pass, tell } = shown(context);
  pass(5.9);
  assert.equal(find(".pw-age").hidden, true);
  pass(1);
  assert.match(find(".pw-age").textContent ?? "", /^stale since \d\d:\d\d:\d\d$/);
  tell();
  assert.equal(find(".pw-age").hidden, true);
});

test("a poller that fails and says why, each time in other words, is stale all the same", (context) => {
  const { find, pass, tell } = shown(context);
  const { time } = reading();
  for (const [seconds, note] of /** @type {const} */ ([
    [2, "once"],
    [4, "again"],
  ])) {
    pass(seconds - 0.01);
    tell({ time, notes: [note] });
    assert.equal(find(".pw-notes").textContent, note);
  }
  pass(0.5);
  assert.match(find(".pw-age").textContent ?? "", /^stale since/);
});

test("while nobody sees it it does not look how old its figures are, and then it does again", (context) => {
  const { find, pass, model } = shown(context);
  const asked = context.mock.method(model, "get");
  disappear();
  const before = asked.mock.callCount();
  pass(60);
  assert.equal(asked.mock.callCount(), before);
  appear();
  pass(7);
  assert.match(find(".pw-age").textContent ?? "", /^stale since/);
});

test("between readings it writes nothing into the page", (context) => {
  const { el, pass, tell } = shown(context);
  tell();
  const written = new MutationObserver(() => {});
  written.observe(el, { attributes: true, childList: true, characterData: true, subtree: true });
  pass(4);
  assert.deepEqual(
    written.takeRecords().map(({ attributeName, type }) => attributeName ?? type),
    [],
  );
  tell();
  assert.deepEqual(
    written.takeRecords().map(({ attributeName, type }) => attributeName ?? type),
    [],
    "a reading that says the same changes nothing",
  );
});

test("paused it stands still and says since when; the dashboard hears of it", (context) => {
  const { dashboard, find, pass, tell } = shown(context);
  /** @type {boolean[]} */
  const heard = [];
  dashboard.addEventListener("procwidget-pause", (event) => heard.push(Reflect.get(event, "detail").paused));
  const button = find(".pw-pause");
  button.click();
  tell({ headline: { level: "critical", text: "CPU 97 %" } });
  pass(60);
  assert.equal(find(".pw-headline").textContent, "Calm");
  assert.match(find(".pw-age").textContent ?? "", /^paused since/);
  assert.equal(button.getAttribute("aria-pressed"), "true");
  button.click();
  assert.deepEqual(heard, [true, false]);
  assert.equal(find(".pw-headline").textContent, "CPU 97 %");
  assert.equal(find(".pw-headline").dataset["level"], "critical");
});

test("a paused chart is a picture of itself with names of its own", (context) => {
  const { dashboard, find } = shown(context);
  const charts = document.createElement("div");
  charts.className = "procwidget-charts";
  const chart = document.createElement("div");
  chart.className = "bqplot";
  for (const [name, value] of [
    ["id", "clip"],
    ["clip-path", "url(#clip)"],
  ]) {
    const part = document.createElement("span");
    part.setAttribute(String(name), String(value));
    chart.append(part);
  }
  charts.append(chart);
  dashboard.append(charts);
  find(".pw-pause").click();
  const picture = charts.querySelector(".pw-frozen");
  assert.equal(charts.querySelectorAll("#clip").length, 1);
  assert.equal(picture?.querySelector("[clip-path]")?.getAttribute("clip-path"), "url(#frozen-clip)");
  assert.ok(chart.classList.contains("pw-live"));
  find(".pw-pause").click();
  assert.deepEqual([...charts.children], [chart]);
  assert.equal(chart.className, "bqplot");
});

test("a chosen interval is sent and stays, also while older readings come", (context) => {
  const { find, model, tell } = shown(context);
  const select = /** @type {HTMLSelectElement} */ (find("select"));
  select.value = "5";
  select.dispatchEvent(new Event("change"));
  assert.deepEqual(model.sent, [{ type: "interval", seconds: 5 }]);
  tell({ interval: 2 });
  assert.equal(select.value, "5");
  tell({ interval: 5 });
  tell({ interval: 1.7 });
  assert.equal(select.value, "1.7", "another page's choice counts too");
});

test("an interval that the kernel refuses goes back and says why", (context) => {
  const { find, model } = shown(context);
  const select = /** @type {HTMLSelectElement} */ (find("select"));
  select.value = "10";
  select.dispatchEvent(new Event("change"));
  model.emit("msg:custom", { type: "refused", text: "interval must be a number from 0.5 to 60." });
  assert.equal(select.value, "2");
  assert.equal(find(".pw-notes").textContent, "interval must be a number from 0.5 to 60.");
});

test("a critical alert is spoken when it is new, not at every reading, and no other is", (context) => {
  const { find, tell } = shown(context);
  const spoken = find('[aria-live="polite"]');
  const alert = (/** @type {string} */ text, level = "critical") => ({ level, text });
  tell({ alerts: [alert("Memory 75 % for 2 s", "warning")] });
  assert.equal(spoken.textContent, "");
  tell({ alerts: [alert("CPU 97 % for 40 s: python (1234) takes 180 %")] });
  assert.equal(spoken.textContent, "Critical: CPU 97 % for 40 s: python (1234) takes 180 %");
  tell({ alerts: [alert("CPU 95 % for 2 min: python (1234) takes 175 %")] });
  assert.match(spoken.textContent ?? "", /40 s/);
  tell({
    alerts: [alert("CPU 95 % for 2 min: python (1234) takes 175 %"), alert("bash (77) takes 99 % of a core for 12 s")],
  });
  assert.equal(spoken.textContent, "Critical: bash (77) takes 99 % of a core for 12 s");
  tell({ alerts: [alert("CPU 95 % for 2 s: cc1plus (14 processes of ana) takes 90 % of it")] });
  tell({ alerts: [alert("CPU 95 % for 4 s: cc1plus (9 processes of ana) takes 88 % of it")] });
  assert.match(spoken.textContent ?? "", /14 processes/);
});

test("alerts are a list that can be read, and text like markup is text", (context) => {
  const { find, tell } = shown(context);
  tell({ alerts: [{ level: "critical", text: "<img src=x> (1) is a zombie" }], notes: ["<b>note</b>"] });
  const list = find('[role="list"][aria-label="Alerts"]');
  assert.equal(list.querySelector('[role="listitem"]')?.textContent, "<img src=x> (1) is a zombie");
  assert.equal(find("img, b"), null);
});

test("what the sentence says is not said below again, but spoken when it is critical", (context) => {
  const { find, tell } = shown(context);
  const others = find(".pw-alert-list");
  tell({ headline: { level: "critical", text: "CPU is full for 20 s", cause: null }, alerts: [] });
  assert.equal(others.hidden, true);
  assert.equal(find("[aria-live=polite]").textContent, "Critical: CPU is full for 20 s");
  tell({ alerts: [{ level: "warning", text: "Swap is used" }], alert_count: 9 });
  assert.deepEqual([others.hidden, others.querySelector("button")?.textContent], [false, "9 more"]);
  tell({ headline: { level: "normal", text: "Calm" }, alerts: [], alert_count: 0 });
  assert.equal(others.hidden, true);
});

test("removed it leaves nothing behind", (context) => {
  const { el, model, remove } = shown(context);
  remove();
  assert.equal(el.childElementCount, 0);
  assert.deepEqual(model.listeners, []);
});

test("a dashboard that its kernel has lost says why, paused or not, until it is found", (context) => {
  const { dashboard, el, pass, tell, find } = shown(context);
  markLost(dashboard, "The kernel was restarted.");
  pass(1);
  assert.equal(find(".pw-headline").textContent, "The kernel was restarted.");
  assert.equal(find(".pw-headline").dataset["level"], "warning");
  assert.equal(find("[aria-live]").textContent, "The kernel was restarted.");
  assert.equal(el.dataset["state"], "stale");
  markLost(dashboard, null);
  tell();
  assert.equal(find(".pw-headline").textContent, "Calm");
  assert.equal(el.dataset["state"], "live");
});
