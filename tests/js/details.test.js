/** Looking closely: the panel with details, its charts, pins, following, and rows that come and go. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { MOST } from "../../procwidget/views/js/details/panel.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

const DETAILS = {
  command: "python --token=…",
  executable: "/usr/bin/<b>python</b>",
  cwd: null,
  parents: [
    { pid: 12, name: "bash" },
    { pid: 1, name: "init" },
  ],
  children: [],
  threads: 3,
  busiest_threads: [
    { id: 11, name: "<b>main</b>", cpu_time: 1234.5 },
    { id: 12, name: null, cpu_time: null },
  ],
  open_files: null,
  io: { read: 1536, written: null },
  memory: { rss: 2 ** 20, uss: null, pss: null, swap: 0 },
  nice: 5,
  affinity: [0, 1, 2, 5],
  session: 11,
  terminal: null,
  not_permitted: ["cwd", "io.written"],
  history: { time: [1990, 1995], cpu: [1, 2], memory: [3, 4] },
};

/**
 * @param {import("node:test").TestContext} context
 * @param {object} [options]
 */
async function opened(context, options = {}) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const made = table(context, { reveal: true, ...options });
  const { el, remove } = made.render();
  context.after(remove);
  appear();
  await made.send(ROWS);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="11"] [aria-label="Details of python (11)"]')).click();
  const panel = /** @type {HTMLElement} */ (el.querySelector('[role="region"]'));
  const asked = () => made.model.sent.filter(({ type }) => type === "details");
  /** @param {object} answer */
  const answer = (answer) => {
    const { request } = made.model.sent.at(-1);
    made.model.emit("msg:custom", { type: "answer", request, ...answer });
  };
  const facts = () =>
    Object.fromEntries(
      [...panel.querySelectorAll("dl > div")].map((one) => [
        one.querySelector("dt")?.textContent,
        one.querySelector("dd")?.textContent,
      ]),
    );
  /** @param {string} name */
  const button = (name) =>
    /** @type {HTMLButtonElement} */ (
      [...panel.querySelectorAll("button")].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name)
    );
  return { ...made, el, remove, panel, asked, answer, facts, button };
}

test("the panel says what is known, what is not permitted, and nothing else, as text", async (context) => {
  const { panel, asked, answer, facts } = await opened(context);
  assert.equal(panel.getAttribute("aria-label"), "Details of python (11)");
  assert.deepEqual([asked().at(-1).identity, asked().at(-1).expensive], ["11-1", false]);
  answer({ result: "details", details: DETAILS });
  const said = facts();
  assert.equal(said["Parents"], "init (1) › bash (12)");
  assert.equal(said["Children"], "none");
  assert.equal(said["Executable"], "/usr/bin/<b>python</b>");
  assert.equal(panel.querySelector("b b, dd b"), null);
  assert.deepEqual(
    [said["Working directory"], said["Written"], said["Open files"]],
    ["not permitted", "not permitted", "—"],
  );
  assert.deepEqual([said["Read"], said["CPUs it may use"], said["Nice"]], ["1.5 KiB", "0–2, 5", "5"]);
});

test("the busiest threads are listed by name, number and CPU time, as text", async (context) => {
  const { panel, answer, button } = await opened(context);
  const list = /** @type {HTMLElement} */ (
    panel.querySelector('ul[aria-label="Busiest threads, with their CPU now and in all"]')
  );
  const words = () => list.closest("dd")?.querySelector("span:not([hidden])")?.textContent;
  const items = () => [...list.children].map(({ textContent }) => textContent);
  assert.deepEqual([list.hidden, words()], [true, "—"]);
  answer({ result: "details", details: DETAILS });
  assert.equal(list.hidden, false);
  assert.deepEqual(items(), ["<b>main</b> (11) 1,234.50 s", "(12) —"]);
  const [first] = list.children;
  context.mock.timers.tick(5000);
  answer({
    result: "details",
    details: { ...DETAILS, busiest_threads: [{ id: 11, name: "main", cpu_time: 1236, cpu: 30 }] },
  });
  assert.deepEqual(items(), ["main (11) 30.0 %, 1,236.00 s"]);
  assert.equal(list.children[0], first, "what is read or selected just now was thrown away");
  context.mock.timers.tick(5000);
  const denied = { ...DETAILS, busiest_threads: null, not_permitted: ["threads"] };
  answer({ result: "details", details: denied });
  assert.deepEqual([list.hidden, words()], [true, "not permitted"]);
  answer({ result: "details", details: DETAILS });
  button("bash (12)").click();
  assert.deepEqual([list.hidden, items(), words()], [true, [], "—"]);
});

test("it asks again every few seconds while it is open, and not once it is closed", async (context) => {
  const { asked, panel, el } = await opened(context);
  context.mock.timers.tick(5000);
  assert.equal(asked().length, 2);
  panel.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  assert.equal(panel.hidden, true);
  assert.equal(document.activeElement, el.querySelector('[data-pid="11"] [data-column="name"]'));
  context.mock.timers.tick(20000);
  assert.equal(asked().length, 2);
});

test("the next view goes on with the details that were open and the process that was followed", async (context) => {
  const { button, remove, render, asked, dashboard } = await opened(context);
  button("Follow python (11)").click();
  remove();
  const { el, remove: removeNext } = render();
  context.after(removeNext);
  const again = /** @type {HTMLElement} */ (el.querySelector('[role="region"]'));
  assert.deepEqual([again.getAttribute("aria-label"), again.hidden], ["Details of python (11)", false]);
  assert.equal(again.querySelector('[aria-label="Follow python (11)"]')?.getAttribute("aria-pressed"), "true");
  assert.equal(asked().length, 2);
  assert.equal(dashboard.contains(document.activeElement), false, "a view that nobody went to took the focus");
  again.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  removeNext();
  const { el: last, remove: removeLast } = render();
  context.after(removeLast);
  assert.equal(/** @type {HTMLElement} */ (last.querySelector('[role="region"]')).hidden, true);
});

test("a parent leads to its own details; a refusal is said; an answer to the one before is not shown", async (context) => {
  const { answer, button, panel, model, facts } = await opened(context);
  answer({ result: "details", details: DETAILS });
  button("bash (12)").click();
  assert.equal(panel.getAttribute("aria-label"), "Details of bash (12)");
  const [first] = model.sent.filter(({ type }) => type === "details");
  model.emit("msg:custom", { type: "answer", request: first.request, result: "details", details: DETAILS });
  assert.equal(facts()["Nice"], "—");
  answer({ result: "refused", refusals: ["This process is not there any more."] });
  assert.equal(panel.querySelector('[role="status"]')?.textContent, "This process is not there any more.");
});

test("secrets are shown on a click where that is allowed, and stay shown", async (context) => {
  const { answer, button, facts, model } = await opened(context);
  answer({ result: "details", details: DETAILS });
  button("Show the whole command of python (11)").click();
  assert.deepEqual([model.sent.at(-1).type, model.sent.at(-1).identity], ["reveal", "11-1"]);
  answer({ result: "command", command: "python --token=abc" });
  assert.equal(facts()["Command"], "python --token=abc");
  context.mock.timers.tick(5000);
  answer({ result: "details", details: DETAILS });
  assert.equal(facts()["Command"], "python --token=abc");
});

test("where secrets stay masked there is no button to show them", async (context) => {
  const { button } = await opened(context, { reveal: false });
  assert.equal(button("Show the whole command of python (11)").hidden, true);
});

test("the Python stack is asked for where it can be, shown as text, and forgotten with the process", async (context) => {
  const { el, panel, model, answer, button } = await opened(context);
  const stackButton = () => button("Python stack");
  answer({ result: "details", details: DETAILS });
  assert.equal(stackButton().hidden, true);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="11"] [aria-label="Details of python (11)"]')).click();
  answer({ result: "details", details: { ...DETAILS, stack: true } });
  stackButton().click();
  assert.equal(model.sent.at(-1).type, "stack");
  assert.equal(stackButton().disabled, true);
  answer({ result: "stack", stack: "MainThread\n    <b>wait</b> (a.py:3)" });
  const text = /** @type {HTMLElement} */ (panel.querySelector(".pw-stack"));
  assert.equal(text.textContent, "MainThread\n    <b>wait</b> (a.py:3)");
  assert.equal(document.activeElement, text);
  /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [aria-label="Details of bash (12)"]')).click();
  assert.equal(text.textContent, "");
});

test("USS and PSS are measured when somebody asks for them", async (context) => {
  const { answer, asked, button, facts } = await opened(context);
  answer({ result: "details", details: DETAILS });
  button("Measure its own memory (USS, PSS)").click();
  assert.equal(asked().at(-1).expensive, true);
  answer({ result: "details", details: { ...DETAILS, memory: { ...DETAILS.memory, uss: 2048, pss: 4096 } } });
  assert.deepEqual([facts()["Its own (USS)"], facts()["Its share (PSS)"]], ["2.0 KiB", "4.0 KiB"]);
  assert.equal(button("Measure its own memory (USS, PSS)").hidden, true);
});

test("its charts begin when it was first seen and go on with every reading, until it ends", async (context) => {
  const { answer, panel, send } = await opened(context);
  answer({ result: "details", details: DETAILS });
  await send([row({ ...ROWS[0], key: 1, cpu: 50 })], { time: 2004 });
  const [cpu] = panel.querySelectorAll("svg");
  assert.equal(cpu?.getAttribute("aria-label"), "CPU since first seen: now 50.0 %, highest 50.0 %");
  assert.ok(cpu?.querySelector("path")?.getAttribute("d")?.startsWith("M0.0 "));
  await send([], { gone: [1], time: 2006 });
  assert.match(panel.querySelector('[role="status"]')?.textContent ?? "", /has ended/);
});

test("its charts keep so many readings and no more, and begin anew when a clock was set back", async (context) => {
  const { answer, panel, send } = await opened(context);
  const times = Array.from({ length: MOST }, (_, tick) => 2000 - MOST + tick);
  const history = { time: times, cpu: times, memory: times };
  answer({ result: "details", details: { ...DETAILS, history } });
  const points = () => panel.querySelector("svg path")?.getAttribute("d")?.split(/[ML]/).length;
  const counts = new Set();
  for (let time = 2001; time < 2010; time++) {
    await send([row({ ...ROWS[0], key: 1, cpu: 50 })], { time });
    counts.add(points());
  }
  assert.equal(counts.size, 1);
  await send([row({ ...ROWS[0], key: 1, cpu: 70 })], { time: 400 });
  await send([row({ ...ROWS[0], key: 1, cpu: 60 })], { time: 402 });
  const label = "CPU since first seen: now 60.0 %, highest 70.0 %";
  assert.equal(panel.querySelector("svg")?.getAttribute("aria-label"), label);
});

test("a pinned process is at the top and says so, until it is let go", async (context) => {
  const { button, el, send } = await opened(context);
  await send([]);
  button("Pin python (11)").click();
  assert.deepEqual(pids(el), [11, 12, 13]);
  assert.equal(button("Pin python (11)").getAttribute("aria-pressed"), "true");
  assert.equal(el.querySelector('[data-pid="11"] .pw-pinned')?.textContent, "pinned");
  button("Pin python (11)").click();
  assert.deepEqual(pids(el), [12, 11, 13]);
});

test("the followed process stays in sight with the top of the list, and that is said, until one ends it", async (context) => {
  const { button, el, send } = await opened(context);
  const others = Array.from({ length: 100 }, (_, at) => row({ key: 100 + at, pid: 100 + at, cpu: 50 }));
  await send([...ROWS, ...others]);
  button("Follow python (11)").click();
  const scroller = /** @type {HTMLElement} */ (el.querySelector(".pw-scroll"));
  const chip = /** @type {HTMLElement} */ (el.querySelector(".pw-follow-chip"));
  assert.deepEqual([pids(el).slice(0, 2), pids(el)[4]], [[12, 100], 11]);
  assert.match(el.querySelector('[data-pid="11"] .pw-pinned')?.textContent ?? "", /^followed, no. 102$/);
  assert.equal(scroller.scrollTop, 0);
  assert.deepEqual([chip.hidden, chip.textContent], [false, "Following python (11) ×"]);
  await send([row({ ...ROWS[0], key: 1, cpu: 99 })]);
  assert.equal(pids(el)[0], 11);
  assert.equal(el.querySelector('[data-pid="11"] .pw-pinned')?.textContent, "");
  scroller.dispatchEvent(new Event("wheel"));
  assert.deepEqual([button("Follow python (11)").getAttribute("aria-pressed"), chip.hidden], ["false", true]);
  button("Follow python (11)").click();
  const cell = /** @type {HTMLElement} */ (el.querySelector('[data-pid="12"] [data-column="cpu"]'));
  cell.focus();
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  assert.equal(chip.hidden, true, "Escape did not end it");
});

test("Enter, p and f on a row look closer, pin and follow", async (context) => {
  const { el, panel } = await opened(context);
  const press = (/** @type {string} */ key) =>
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const cell = () => /** @type {HTMLElement} */ (el.querySelector('[data-pid="13"] [data-column="cpu"]'));
  cell().focus();
  press("p");
  assert.equal(pids(el)[0], 13);
  press("f");
  cell().focus();
  press("Enter");
  assert.equal(panel.getAttribute("aria-label"), "Details of python (13)");
  const [pin, follow] = panel.querySelectorAll("[aria-pressed]");
  assert.deepEqual([pin?.getAttribute("aria-pressed"), follow?.getAttribute("aria-pressed")], ["true", "true"]);
});

test("new rows are marked for a moment, ended ones linger, and those there before are not new", async (context) => {
  const { el, send } = await opened(context);
  const classes = () => ["pw-new", "pw-ended"].map((name) => el.querySelectorAll(`.${name}`).length);
  assert.deepEqual(classes(), [0, 0]);
  await send([row({ key: 9, pid: 19 })], { gone: [2], time: 2002 });
  assert.deepEqual(classes(), [1, 1]);
  assert.equal(el.querySelector(".pw-count")?.textContent, "3 processes");
  await send([], { time: 2006 });
  assert.deepEqual(classes(), [0, 0]);
  await send([], { gone: [9], time: 2008 });
  assert.deepEqual(classes(), [0, 1]);
  await send([], { time: 1000 });
  assert.deepEqual(classes(), [0, 0], "whose clock was set back");
});

test("details say user, status and start, end their process, and say why where that can never be", async (context) => {
  const never = { pids: { 13: ["itself", "This process shows this page."] }, kernel: null };
  const { panel, facts, button, model, send, el } = await opened(context, { never });
  await send([]);
  assert.deepEqual([facts()["User"], facts()["Status"], facts()["CPU time"]], ["ana", "sleeping", "0.0 s"]);
  assert.match(facts()["Started"] ?? "", /\(16 min 40 s ago\)$/);
  button("End python (11)").focus();
  button("End python (11)").click();
  assert.deepEqual(model.sent.find(({ type }) => type === "ask")?.identities, ["11-1"]);
  /** @type {HTMLElement} */ (document.querySelector("dialog button")).click();
  assert.ok(document.activeElement === button("End python (11)"), "the focus did not come back");
  /** @type {HTMLElement} */ (el.querySelector('[aria-label="Details of python (13)"]')).click();
  assert.equal(button("End python (13)").hidden, true);
  assert.match(panel.textContent ?? "", /This process shows this page\./);
});

test("details are below or beside the rows, sized by arrows, and as they were in the next view", async (context) => {
  const { panel, el, render, button } = await opened(context);
  const main = /** @type {HTMLElement} */ (el.querySelector(".pw-main"));
  for (const one of [main, el]) {
    Object.defineProperty(one, "clientWidth", { value: 1200 });
  }
  Object.defineProperty(main, "clientHeight", { value: 500 });
  appear();
  assert.equal(main.dataset["details"], "beside");
  button("Below").click();
  assert.equal(main.dataset["details"], "below");
  const edge = /** @type {HTMLElement} */ (panel.querySelector('[role="separator"]'));
  const size = () => edge.getAttribute("aria-valuenow");
  assert.deepEqual([edge.getAttribute("aria-orientation"), size()], ["horizontal", "240"]);
  for (const key of ["ArrowUp", "ArrowUp", "ArrowDown"]) {
    edge.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
  assert.deepEqual([size(), main.style.getPropertyValue("--pw-details-size")], ["264", "264px"]);
  for (let times = 0; times < 50; times++) {
    edge.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }));
  }
  assert.equal(size(), "380", "no row is left in sight");
  const next = render();
  context.after(next.remove);
  const again = /** @type {HTMLElement} */ (next.el.querySelector(".pw-main"));
  for (const one of [again, next.el]) {
    Object.defineProperty(one, "clientWidth", { value: 1200 });
  }
  appear();
  assert.equal(again.dataset["details"], "below");
});

test("limits, what is waited for and how often it gave way are said in words", async (context) => {
  const { answer, facts } = await opened(context);
  const limits = [
    { name: "open files", soft: 1024, hard: 4096, unit: "files" },
    { name: "stack size", soft: 8 * 2 ** 20, hard: null, unit: "bytes" },
    { name: "cpu time", soft: 60, hard: 60, unit: "seconds" },
    { name: "processes", soft: null, hard: null, unit: "processes" },
  ];
  const more = { waits_for: "a child to end", io_priority: "idle", gave_way: 1200, had_to_give_way: 3 };
  answer({ result: "details", details: { ...DETAILS, ...more, control_group: "/a.slice", limits, open_files: 45 } });
  const said = facts();
  assert.equal(
    said["Limits"],
    "open files 1,024 (may be raised to 4,096), stack size 8.0 MiB (may be raised to any), cpu time 60 s",
  );
  assert.equal(said["Open files"], "45 of at most 1,024");
  assert.equal(said["Gave way"], "1,200 times to wait, 3 times to let others run");
  assert.deepEqual(
    [said["Waits for"], said["I/O priority"], said["Control group"]],
    ["a child to end", "idle", "/a.slice"],
  );
});

test("what a process has open is read on request, and shown as text", async (context) => {
  const { model, panel, answer, button } = await opened(context);
  answer({ result: "details", details: DETAILS });
  const list = () => [...panel.querySelectorAll(".pw-opened li")].map(({ textContent }) => textContent);
  const words = () => panel.querySelector('[aria-label="About open files"]')?.textContent;
  button("Open files and sockets").click();
  assert.equal(model.sent.at(-1).type, "opened");
  const sockets = [
    { kind: "tcp", local: "127.0.0.1:8888", remote: null, state: "listening" },
    { kind: "tcp", local: "127.0.0.1:8888", remote: "127.0.0.1:4000", state: "connected" },
  ];
  const files = [{ path: "/data/<b>x</b>.csv", descriptors: 2 }];
  const found = { files, file_count: 300, sockets, socket_count: 2, others: 1 };
  answer({ result: "opened", opened: found });
  assert.equal(words(), "2 sockets, 300 files (the first 1 are listed), 1 pipe or the like.");
  assert.deepEqual(list(), [
    "tcp 127.0.0.1:8888 listening",
    "tcp 127.0.0.1:8888 → 127.0.0.1:4000 connected",
    "/data/<b>x</b>.csv (2 times)",
  ]);
  button("Open files and sockets").click();
  answer({ result: "opened", opened: { ...found, files: null } });
  assert.match(words() ?? "", /files are not shown on this page/);
  button("Open files and sockets").click();
  answer({ result: "refused", refusals: ["Not permitted."] });
  assert.equal(words(), "Not permitted.");
  button("bash (12)").click();
  assert.equal(/** @type {HTMLElement} */ (panel.querySelector(".pw-opened")).hidden, true);
});
