/** The dialog: nothing is sent but by a button that an open question enabled, and every answer is told. */

import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./page.js";
import { ActionDialog, BUSY_AFTER, BUSY_AFTER_PATIENCE, GUARD } from "../../procwidget/views/js/signals/dialog.js";
import { row } from "./rows.js";

const TARGET = { pid: 7, name: "sleep", identity: "7-99" };
/** What was shown, as it goes back with a confirmation. */
const SHOWN = { signal: "SIGTERM", identities: ["7-99"] };
const ENDED = { ...TARGET, result: "ended", text: "Ended sleep (7)" };
const ALIVE = { ...TARGET, result: "alive", text: "sleep (7) is still running." };

/** @import { Row } from "../../procwidget/views/js/types.js" */

/**
 * @param {string} nonce
 * @param {string} signal
 */
function question(nonce, signal = "SIGTERM") {
  const [expires, patience] = [10, 5];
  return {
    result: /** @type {const} */ ("question"),
    nonce,
    expires,
    patience,
    signal,
    targets: [TARGET],
    refusals: [],
  };
}

/**
 * @param {import("node:test").TestContext} context
 * @param {string} [signal]
 * @param {Row[]} [rows]
 */
function opened(context, signal = "SIGTERM", rows = [row({ key: 1, ...TARGET })]) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {any[]} */
  const sent = [];
  /** @type {string[]} */
  const told = [];
  /** @type {((answer: any, buffers?: any) => void)[]} */
  const requests = [];
  const link = {
    /** @param {object} content */
    send: (content) => void sent.push(content),
    /**
     * @param {object} content
     * @param {(answer: any, buffers: any) => void} then
     */
    request: (content, then) => {
      sent.push(content);
      return String(requests.push(then));
    },
  };
  let closed = 0;
  const dialog = new ActionDialog(link, rows, signal, {
    told: (text) => told.push(text),
    closed: () => closed++,
  });
  dialog.start(place());
  /** @param {any} answer */
  const answer = (answer) => requests.shift()?.(answer);
  return {
    dialog,
    sent,
    told,
    answer,
    tick: (/** @type {number} */ ms) => context.mock.timers.tick(ms),
    closed: () => closed,
  };
}

test("it opens at once, named, asking, with nothing to confirm", (context) => {
  const { dialog, sent } = opened(context);
  const title = document.getElementById(dialog.element.getAttribute("aria-labelledby") ?? "");
  assert.equal(title?.textContent, "End sleep (7)?");
  assert.equal(dialog.element.getAttribute("role"), "alertdialog");
  assert.deepEqual(sent, [{ type: "ask", identities: ["7-99"], signal: "SIGTERM" }]);
  assert.equal(dialog.state.textContent, "Checking…");
  assert.equal(dialog.confirmButton.disabled, true);
  dialog.confirmButton.click();
  assert.equal(sent.length, 1);
});

test("a question enables the button after a moment, so that a double click confirms nothing", (context) => {
  const { dialog, sent, told, answer, tick, closed } = opened(context);
  answer(question("n1"));
  tick(300);
  dialog.confirmButton.click();
  assert.equal(sent.length, 1);
  tick(GUARD);
  dialog.confirmButton.click();
  dialog.confirmButton.click();
  assert.deepEqual(sent.slice(1), [{ type: "confirm", nonce: "n1", ...SHOWN }]);
  assert.match(dialog.state.textContent ?? "", /^Ending sleep \(7\): 5 seconds to do so…$/);
  answer({ result: "outcome", outcomes: [ENDED], question: null });
  assert.deepEqual(told, ["Ended sleep (7)"]);
  assert.equal(closed(), 1);
  assert.equal(document.querySelector("dialog"), null);
});

test("one that is still alive is offered to force kill, as a new question", (context) => {
  const { dialog, sent, told, answer, tick } = opened(context);
  answer(question("n1"));
  tick(GUARD);
  dialog.confirmButton.click();
  answer({ result: "outcome", outcomes: [ALIVE], question: question("n2", "SIGKILL") });
  assert.deepEqual(
    [dialog.confirmButton.textContent, dialog.confirmButton.hidden, dialog.confirmButton.disabled],
    ["Force kill", false, true],
  );
  assert.match(dialog.meaning.textContent ?? "", /cannot save/);
  assert.equal(dialog.title.textContent, "Force kill sleep (7)?");
  tick(GUARD);
  dialog.confirmButton.click();
  assert.deepEqual(sent.at(-1), { type: "confirm", nonce: "n2", ...SHOWN, signal: "SIGKILL" });
  answer({ result: "outcome", outcomes: [ENDED], question: null });
  assert.deepEqual(told, [ALIVE.text, ENDED.text]);
});

test("on another host it says on which, for a pid names nothing without", (context) => {
  const link = { send: () => {}, request: () => "1" };
  const system = { lacking: {}, meanings: {}, host: "node17" };
  const dialog = new ActionDialog(link, [row({ key: 1, ...TARGET })], "SIGTERM", {
    told: () => {},
    closed: () => {},
    system,
  });
  context.after(() => dialog.close());
  assert.equal(dialog.title.textContent, "End sleep (7) on node17?");
});

test("a refusal shows its sentences as text and sends nothing", (context) => {
  const { dialog, told, answer } = opened(context);
  const refusals = ["<b>sleep</b> (7) runs this kernel.", "Not signalled."];
  answer({ result: "refused", refusals });
  assert.deepEqual(
    [...dialog.refusals.children].map(({ textContent }) => textContent),
    refusals,
  );
  assert.equal(dialog.refusals.hidden, false);
  assert.equal(dialog.confirmButton.disabled, true);
  assert.deepEqual(told, [refusals.join(" ")]);
});

test("what was confirmed and not answered may have been done, and that is said", (context) => {
  const lost = { result: "refused", refusals: ["The kernel ended."], unknown: true };
  const asked = opened(context);
  asked.answer(lost);
  assert.equal(asked.dialog.state.textContent, "Nothing was sent.");
  for (const unknown of [true, false]) {
    context.mock.timers.reset();
    const { dialog, told, answer, tick } = opened(context);
    answer(question("n1"));
    tick(GUARD);
    dialog.confirmButton.click();
    answer({ ...lost, unknown });
    const about = "It is not known whether sleep (7) was signalled; the audit log says.";
    const state = unknown ? about : "Nothing was sent.";
    assert.equal(dialog.state.textContent, state);
    assert.equal(dialog.refusals.textContent, "The kernel ended.");
    assert.deepEqual(told, [unknown ? `The kernel ended. ${state}` : "The kernel ended."]);
  }
});

test("an expired question says so, cannot be confirmed, and can be asked again", (context) => {
  const { dialog, sent, answer, tick } = opened(context);
  answer(question("n1"));
  tick(10_000);
  assert.match(dialog.state.textContent ?? "", /expired/);
  assert.equal(dialog.confirmButton.disabled, true);
  dialog.againButton.click();
  assert.deepEqual(sent.slice(1), [{ type: "ask", identities: ["7-99"], signal: "SIGTERM" }]);
  assert.equal(dialog.againButton.hidden, true);
});

test("a busy kernel is said to be busy, and its answer still counts", (context) => {
  const { dialog, answer, tick } = opened(context);
  tick(BUSY_AFTER);
  assert.equal(dialog.state.textContent, "Waiting for the kernel: it is busy");
  answer({ ...question("n1"), patience: 30 });
  assert.equal(dialog.state.textContent, "");
  tick(GUARD);
  dialog.confirmButton.click();
  tick(30_000 + BUSY_AFTER_PATIENCE - 1);
  assert.match(dialog.state.textContent ?? "", /^Ending sleep \(7\): 30 seconds to do so…$/);
  tick(1);
  assert.match(dialog.state.textContent ?? "", /busy/);
});

test("closing gives up the question, whether it came before or comes after", (context) => {
  const { dialog, sent, answer, closed } = opened(context);
  dialog.cancelButton.click();
  dialog.close();
  assert.equal(closed(), 1);
  answer(question("late"));
  assert.deepEqual(sent.slice(1), [{ type: "cancel", nonce: "late" }]);
  const second = opened.bind(null, context);
  context.mock.timers.reset();
  const early = second();
  early.answer(question("n1"));
  early.dialog.element.dispatchEvent(new Event("cancel", { cancelable: true }));
  assert.deepEqual(early.sent.slice(1), [{ type: "cancel", nonce: "n1" }]);
});

test("an outcome that comes after closing is told all the same", (context) => {
  const { dialog, sent, told, answer, tick } = opened(context);
  answer(question("n1"));
  tick(GUARD);
  dialog.confirmButton.click();
  dialog.close();
  answer({ result: "outcome", outcomes: [ALIVE], question: question("n2", "SIGKILL") });
  assert.deepEqual(told, [ALIVE.text]);
  assert.deepEqual(
    sent.filter(({ type }) => type === "cancel"),
    [{ type: "cancel", nonce: "n2" }],
  );
});

const THREE = [
  row({ key: 7, name: "a" }),
  row({ key: 8, name: "<b>b</b>" }),
  row({ key: 9, name: "c", user: null, command: null }),
];
const targets = THREE.map(({ pid, name, identity }) => ({ pid, name, identity }));

test("one confirmation lists all by name, as text, and leaves out what is refused, with the reason", (context) => {
  const { dialog, sent, answer, tick, told, closed } = opened(context, "SIGTERM", THREE);
  const title = document.getElementById(dialog.element.getAttribute("aria-labelledby") ?? "");
  assert.equal(title?.textContent, "End 3 processes?");
  assert.deepEqual(sent, [{ type: "ask", identities: ["7-7", "8-8", "9-9"], signal: "SIGTERM" }]);
  const listed = () => [...dialog.targets.children].map(({ textContent }) => textContent);
  assert.deepEqual(listed(), ["a (7)", "<b>b</b> (8)", "c (9)"]);
  answer({ ...question("n1"), targets: targets.slice(0, 2), refusals: ["c (9) is a kernel thread."] });
  assert.deepEqual(listed(), ["a (7)", "<b>b</b> (8)"]);
  assert.equal(dialog.refusals.textContent, "c (9) is a kernel thread.");
  assert.equal(dialog.confirmButton.textContent, "End processes");
  assert.equal(title?.textContent, "End 2 processes?");
  assert.equal(dialog.counts.textContent, "1 a, 1 <b>b</b>. 2 of 3: the rest is left out, for the reason given below.");
  tick(GUARD);
  dialog.confirmButton.click();
  const outcomes = [
    { ...targets[0], result: "ended", text: "Ended a (7)" },
    { ...targets[1], result: "changed", text: "b (8) changed: not signalled" },
  ];
  answer({ result: "outcome", outcomes, question: null });
  assert.deepEqual(told, ["Ended a (7). b (8) changed: not signalled. c (9) is a kernel thread."]);
  assert.equal(closed(), 0, "what went wrong must stay to be read");
  assert.deepEqual(listed(), ["Ended a (7)", "b (8) changed: not signalled"]);
  assert.equal(dialog.confirmButton.hidden, true);
  assert.equal(dialog.refusals.textContent, "c (9) is a kernel thread.");
  dialog.cancelButton.click();
  assert.equal(closed(), 1);
});

test("when all went well for several it closes and tells each outcome", (context) => {
  const { dialog, told, answer, tick, closed } = opened(context, "SIGSTOP", THREE.slice(0, 2));
  answer({ ...question("n1", "SIGSTOP"), targets: targets.slice(0, 2) });
  tick(GUARD);
  assert.equal(dialog.confirmButton.textContent, "Stop processes");
  dialog.confirmButton.click();
  const outcomes = targets.slice(0, 2).map((one) => ({ ...one, result: "sent", text: `Stopped ${one.name}` }));
  answer({ result: "outcome", outcomes, question: null });
  assert.deepEqual(told, ["Stopped a. Stopped <b>b</b>."]);
  assert.equal(closed(), 1);
});

test("the button is about as many as are left", (context) => {
  const { dialog, answer } = opened(context, "SIGTERM", THREE);
  answer({ ...question("n1"), targets: targets.slice(0, 1), refusals: ["No.", "No."] });
  assert.equal(dialog.confirmButton.textContent, "End process");
});

test("more than can be done at once is refused in the kernel's words", (context) => {
  const { dialog, answer } = opened(context, "SIGKILL", THREE);
  answer({ result: "refused", refusals: ["At most 10 confirmations a minute."] });
  assert.equal(dialog.refusals.textContent, "At most 10 confirmations a minute.");
  assert.equal(dialog.confirmButton.disabled, true);
});

/** @type {(count: number) => import("../../procwidget/views/js/connection/answers.js").Target[]} */
const workers = (count) =>
  Array.from({ length: count }, (_, at) => ({ pid: 10 + at, name: "python", identity: `${10 + at}-1` }));

test("many are told by how many of what, and those that went otherwise each by a sentence", (context) => {
  const rows = workers(64).map((one, at) => row({ key: at + 1, ...one }));
  const { dialog, told, answer, tick } = opened(context, "SIGKILL", rows);
  assert.equal(dialog.title.textContent, "Force kill 64 python processes?");
  answer({ ...question("n1", "SIGKILL"), targets: workers(64) });
  tick(GUARD);
  dialog.confirmButton.click();
  assert.equal(dialog.state.textContent, "Killing 64 python processes…");
  const outcomes = workers(64).map((one) => ({ ...one, result: "ended", text: `Killed python (${one.pid})` }));
  outcomes.push({ ...TARGET, result: "changed", text: "sleep (7) changed: not signalled" });
  answer({ result: "outcome", outcomes, question: null });
  assert.deepEqual(told, ["Killed 64 python processes. sleep (7) changed: not signalled."]);
  assert.equal(dialog.targets.children.length, 65);
});

test("what was left out before the question stays said, also when one asks again", (context) => {
  const rows = workers(2).map((one, at) => row({ key: at + 1, ...one }));
  const dialog = new ActionDialog(
    { send: () => undefined, request: () => "" },
    rows,
    "SIGTERM",
    { told: () => undefined, closed: () => undefined },
    ["20 more are left out: at most 500 are signalled at once."],
  );
  dialog.start(place());
  dialog.ask("SIGTERM");
  assert.deepEqual(dialog.leftOut, ["20 more are left out: at most 500 are signalled at once."]);
  dialog.close();
});

for (const [kind, wrong, right, signal] of [
  ["affinity", "3-1", " 0-3, 7", "affinity 0-3,7"],
  ["affinity", "", "5", "affinity 5"],
  ["oom", "1001", "1000", "oom 1000"],
  ["ionice", "", "idle", "ionice idle"],
]) {
  test(`${kind} takes ${right} and not "${wrong}"`, (context) => {
    const { dialog, sent } = opened(context, kind);
    const { form } = dialog;
    assert.ok(form);
    form.input.value = String(wrong);
    form.button.click();
    assert.deepEqual([sent.length, form.input.getAttribute("aria-invalid")], [0, "true"]);
    form.input.value = String(right);
    form.button.click();
    assert.deepEqual(sent, [{ type: "ask", identities: ["7-99"], signal }]);
  });
}

test("renice asks for a number first, takes only whole ones from -20 to 19, and confirms as the others do", (context) => {
  const { dialog, sent, answer, tick } = opened(context, "renice", [row({ key: 7, name: "a", nice: 3 })]);
  const { form } = dialog;
  assert.ok(form);
  assert.deepEqual([sent.length, form.input.value, dialog.confirmButton.hidden], [0, "3", true]);
  for (const wrong of ["20", "-21", "1.5", ""]) {
    form.input.value = wrong;
    form.button.click();
    assert.match(form.wrong.textContent ?? "", /from −20 to 19/);
    assert.equal(form.input.getAttribute("aria-invalid"), "true");
  }
  form.input.value = "-5";
  form.button.click();
  assert.deepEqual(sent, [{ type: "ask", identities: ["7-7"], signal: "renice -5" }]);
  assert.deepEqual([form.input.disabled, form.button.hidden, form.wrong.textContent], [true, true, ""]);
  answer({ result: "refused", refusals: ["No."] });
  assert.deepEqual([form.input.disabled, dialog.confirmButton.hidden], [false, true]);
  form.button.click();
  answer({ ...question("n2", "renice -5"), targets: targets.slice(0, 1) });
  tick(GUARD);
  assert.deepEqual([dialog.confirmButton.textContent, dialog.confirmButton.hidden], ["Renice process", false]);
  dialog.confirmButton.click();
  assert.deepEqual(sent.at(-1), { type: "confirm", nonce: "n2", signal: "renice -5", identities: ["7-7"] });
});
