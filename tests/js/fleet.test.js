/** The overview of a fleet: hosts in the kernel's order under their states, only rows in sight, and what views ask. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import fleet from "../../procwidget/views/js/fleet.js";
import { useUnits } from "../../procwidget/views/js/ui/format.js";
import { hintOf, HOST_COLUMNS, pressureOf, rowsOf } from "../../procwidget/views/js/fleet/rows.js";

const COLUMNS = [
  ...[
    "host",
    "state",
    "text",
    "note",
    "age",
    "workers",
    "cpu",
    "cpus",
    "memory",
    "memory_used",
    "memory_total",
    "swap",
  ],
  ...["pressure_cpu", "pressure_memory", "pressure_io", "load", "received", "sent", "read", "written", "processes"],
  ...["top_cpu", "top_memory", "short_of"],
];

/**
 * @param {string} host
 * @param {Record<string, unknown>} [changes]
 */
function row(host, changes = {}) {
  /** @type {Record<string, unknown>} */
  const values = {
    ...{ host, state: "normal", text: "Calm", note: "", age: 0.2, workers: 2, cpu: 12.4, cpus: 8, memory: 50 },
    ...{ memory_used: 8192, memory_total: 16384, swap: null, pressure_cpu: 2, pressure_memory: 0, pressure_io: 7.5 },
    ...{ load: 1.5, received: 1024, sent: 1024, read: null, written: null, processes: 150, short_of: [] },
    ...{ top_cpu: { name: "train.py", user: "ana", value: 250, processes: 3 }, top_memory: null, ...changes },
  };
  return COLUMNS.map((key) => values[key]);
}

/**
 * @param {any[][]} rows
 * @param {Record<string, unknown>} [changes]
 */
function message(rows, changes = {}) {
  const headline = { level: "normal", text: "All 2 hosts are fine" };
  const fixed = { type: "hosts", time: 0, interval: 2, cluster: "tcp://x", headline, columns: COLUMNS };
  return { ...fixed, rows, found: {}, opened: {}, for_all: [0, ""], ...changes };
}

/**
 * @param {import("node:test").TestContext} context
 * @param {Record<string, any>} [state] of the model
 */
function shown(context, state = {}) {
  /** @type {any[]} */
  const sent = [];
  /** @type {((content: any) => void)[]} */
  const listeners = [];
  /** @type {any} */
  const model = {
    get: (/** @type {string} */ name) => state[name],
    on: (/** @type {string} */ _name, /** @type {any} */ callback) => listeners.push(callback),
    off: () => {},
    send: (/** @type {any} */ content) => sent.push(content),
  };
  const el = document.createElement("div");
  document.body.append(el);
  const remove = fleet.render({ model, el });
  context.after(() => {
    remove();
    el.remove();
  });
  appear();
  const send = async (/** @type {any} */ content) => {
    listeners.forEach((take) => take(content));
    await new Promise((later) => setTimeout(later, 20));
  };
  const hosts = () =>
    /** @type {HTMLElement[]} */ ([...el.querySelectorAll(".pw-host-space > [data-host]")])
      .filter((one) => !one.hidden)
      .map((one) => one.dataset["host"]);
  return { el, sent, send, hosts };
}

test("a view that is seen says so, and lists hosts under their states", async (context) => {
  const { el, sent, send, hosts } = shown(context);
  assert.ok(sent.some(({ type, on }) => type === "watch" && on));
  await send(message([row("node2", { state: "critical" }), row("node1")]));
  assert.deepEqual(hosts(), ["node2", "node1"]);
  const headings = [...el.querySelectorAll("[data-heading]")].map(({ textContent }) => textContent);
  assert.deepEqual(headings, ["Critical (1)", "Fine (1)"]);
  assert.equal(el.querySelector(".pw-headline")?.textContent, "All 2 hosts are fine");
});

test("of a thousand hosts only those in sight are elements", async (context) => {
  const { el, send, hosts } = shown(context);
  const rows = Array.from({ length: 1000 }, (_, at) => row(`node${at}`));
  await send(message(rows));
  assert.ok(hosts().length < 40, String(hosts().length));
  assert.equal(el.querySelectorAll(".pw-hosts-strip > span").length, 1000);
  assert.equal(el.querySelector("[role=grid]")?.getAttribute("aria-rowcount"), "1002");
});

test("cells stay at their places by name, whatever the order of trouble", async (context) => {
  const { el, send } = shown(context);
  await send(message([row("node10", { state: "lost" }), row("node2"), row("node1")]));
  const cells = [...el.querySelectorAll(".pw-hosts-strip > span")].map((cell) => cell.getAttribute("data-host"));
  assert.deepEqual(cells, ["node1", "node2", "node10"]);
});

test("a click or Enter opens a host, and a state's button shows only its hosts", async (context) => {
  const { el, sent, send, hosts } = shown(context);
  await send(message([row("node2", { state: "silent", cpu: null }), row("node1")]));
  /** @type {HTMLElement} */ (el.querySelector("[data-host=node1].pw-host-row")).click();
  assert.deepEqual(sent.at(-1), { type: "open", view: sent[0].view, host: "node1" });
  const silent = /** @type {HTMLElement} */ (el.querySelector(".pw-state-group[data-state=silent]"));
  assert.equal(silent.textContent, "◌ Silent 1");
  silent.click();
  assert.deepEqual(hosts(), ["node2"]);
});

test("the focus goes with its host as hosts change places", async (context) => {
  const { el, sent, send } = shown(context);
  await send(message([row("node1"), row("node2")]));
  /** @type {HTMLElement} */ (el.querySelector("[data-host=node1].pw-host-row")).focus();
  await send(message([row("node2", { state: "critical" }), row("node3", { state: "warning" }), row("node1")]));
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  assert.equal(focused.dataset["host"], "node1");
  focused.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  assert.deepEqual(sent.at(-1), { type: "open", view: sent[0].view, host: "node1" });
});

test("each view shows the host that was opened in it, until it goes back or nobody has it any more", async (context) => {
  const { el, sent, send } = shown(context);
  const rows = [row("node2"), row("node1")];
  const title = () => el.querySelector(".pw-fleet-opened:not([hidden]) > h2")?.textContent;
  await send(message(rows, { opened: { node2: 0 } }));
  assert.equal(title(), undefined, "another view has it open");
  /** @type {HTMLElement} */ (el.querySelector("[data-host=node1].pw-host-row")).click();
  await send(message(rows, { opened: { node2: 0 } }));
  assert.equal(title(), undefined, "it is on its way");
  await send(message(rows, { opened: { node2: 0, node1: 3 } }));
  assert.equal(title(), "node1");
  assert.equal(el.dataset["place"], "3");
  /** @type {HTMLElement} */ (el.querySelector(".pw-fleet-opened button")).click();
  assert.equal(sent.at(-1).host, "");
  await send(message(rows, { opened: { node2: 0, node1: 3 } }));
  assert.equal(title(), undefined);
  assert.equal(el.dataset["place"], undefined);
  await send(message(rows, { opened: { node2: 0 }, for_all: [1, "node2"] }));
  assert.equal(title(), "node2", "Python had all views show it");
  await send(message(rows, { for_all: [1, "node2"] }));
  assert.equal(title(), undefined, "it gave way to others");
});

test("a host that is opened again at once is shown once the kernel has it again", async (context) => {
  const { el, send } = shown(context);
  const rows = [row("node1"), row("node2")];
  const opened = () => /** @type {HTMLElement} */ (el.querySelector(".pw-fleet-opened"));
  const click = () => /** @type {HTMLElement} */ (el.querySelector("[data-host=node1].pw-host-row")).click();
  await send(message(rows));
  click();
  await send(message(rows, { opened: { node1: 0 } }));
  /** @type {HTMLElement} */ (opened().querySelector("button")).click();
  click();
  await send(message(rows));
  await send(message(rows, { opened: { node1: 0 } }));
  assert.equal(opened().hidden, false);
});

test("a view that heard nothing for long comes anew, for the kernel has forgotten it", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  let now = performance.now();
  context.mock.method(performance, "now", () => now);
  const { sent, send } = shown(context);
  await send(message([row("node1")]));
  context.mock.timers.tick(5000);
  assert.equal(sent.at(-1).type, "ack");
  now += 30_000;
  context.mock.timers.tick(5000);
  assert.deepEqual(sent.at(-1), { type: "watch", view: sent[0].view, on: true });
});

test("quantities are in the units that were chosen", async (context) => {
  const { el, send } = shown(context, { units: { decimal: true, bits: true } });
  context.after(() => useUnits(undefined));
  await send(message([row("node1", { received: 125_000, sent: 0, read: 5_000_000, written: 0 })]));
  const cell = (/** @type {string} */ key) => el.querySelector(`[data-host] > [data-column=${key}]`)?.textContent;
  assert.equal(cell("network"), "1.0 Mbit/s");
  assert.equal(cell("disk"), "5.0 MB/s");
});

test("a search is the kernel's: its answer filters, its mistake is shown", async (context) => {
  const { el, sent, send, hosts } = shown(context);
  const view = sent.find(({ type }) => type === "watch").view;
  const input = /** @type {HTMLInputElement} */ (el.querySelector(".pw-search"));
  input.value = "cpu>80";
  input.dispatchEvent(new Event("input"));
  await new Promise((later) => setTimeout(later, 260));
  assert.deepEqual(sent.at(-1), { type: "search", view, text: "cpu>80" });
  await send(message([row("node2"), row("node1")], { found: { [view]: ["node1"], other: [] } }));
  assert.deepEqual(hosts(), ["node1"]);
  await send({ type: "searched", view, text: "cpu>80", mistake: { text: "Something is missing.", start: 0, end: 1 } });
  assert.equal(el.querySelector(".pw-fleet-mistake:not([hidden])")?.textContent, "Something is missing.");
});

test("headings sort, unknown last, and a third click is the order of trouble again", async (context) => {
  const { el, send, hosts } = shown(context);
  await send(message([row("a", { cpu: null, state: "lost" }), row("b", { cpu: 3 }), row("c", { cpu: 90 })]));
  const cpu = /** @type {HTMLElement} */ (el.querySelector("[role=columnheader][data-column=cpu]"));
  cpu.click();
  assert.deepEqual(hosts(), ["c", "b", "a"]);
  assert.equal(cpu.getAttribute("aria-sort"), "descending");
  cpu.click();
  cpu.click();
  assert.deepEqual(hosts(), ["a", "b", "c"]);
});

test("the processes of all hosts are asked for only while they are shown", async (context) => {
  const { el, sent, send } = shown(context);
  assert.ok(!sent.some(({ type }) => type === "processes"));
  const tab = /** @type {HTMLElement} */ (
    [...el.querySelectorAll("button")].find(({ textContent }) => textContent === "Processes of all hosts")
  );
  tab.click();
  const { request } = sent.at(-1);
  const columns = ["host", "pid", "name", "user", "status", "cpu", "memory", "cpu_time", "command", "identity"];
  const rows = [["node1", 7, "<b>", null, "running", 99.5, 12, 1, null, "7-1"]];
  await send({ type: "answer", request, result: "processes", columns, rows, missing: ["node9"], total: 1 });
  assert.deepEqual(
    [...el.querySelectorAll("tbody td")].map(({ textContent }) => textContent),
    ["node1", "7", "<b>", "—", "running", "99.5", "12.0 MiB", "—"],
  );
  assert.match(el.textContent ?? "", /without an answer: node9/);
  /** @type {string[]} */
  const searched = [];
  const dashboard = document.createElement("div");
  dashboard.classList.add("procwidget-place-2");
  dashboard.addEventListener("procwidget-show", (event) =>
    searched.push(/** @type {CustomEvent<string>} */ (event).detail),
  );
  el.after(dashboard);
  context.after(() => dashboard.remove());
  /** @type {HTMLElement} */ (el.querySelector("tbody button")).click();
  assert.equal(sent.at(-1).host, "node1");
  await send(message([row("node1")], { opened: { node1: 2 } }));
  assert.deepEqual(searched, [], "its table is not there yet");
  dashboard.setAttribute("data-acts", "false");
  for (let time = 0; time < 2; time++) {
    await send(message([row("node1")], { opened: { node1: 2 } }));
  }
  assert.deepEqual(searched, ["pid=7"], "the process is looked for in its host's table, once");
});

test("figures of a host in words; a silent one has none", () => {
  const [host, silent] = rowsOf(/** @type {any} */ (message([row("node1"), row("b", { cpu: null, top_cpu: null })])));
  assert.ok(host && silent);
  assert.deepEqual(pressureOf(host), { kind: "I/O", value: 7.5 });
  const texts = Object.fromEntries(HOST_COLUMNS.map(({ key, text }) => [key, text(host)]));
  assert.equal(texts["program"], "250 % train.py ×3");
  assert.equal(texts["network"], "2.0 KiB/s");
  assert.equal(texts["disk"], "—");
  assert.equal(HOST_COLUMNS.find(({ key }) => key === "cpu")?.text(silent), "—");
  assert.match(hintOf(host), /CPU 12 % of 8 CPUs, memory 50 % of 16.0 GiB/);
});
