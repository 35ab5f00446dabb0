/** A served page that loads itself again: what nobody could know afterwards is said then, and choices come back. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, place } from "./page.js";
import { unknownOutcome } from "../../procwidget/views/js/signals/sentences.js";
import { ActionDialog, GUARD } from "../../procwidget/views/js/signals/dialog.js";
import { row } from "./rows.js";
import { pids, ROWS, table } from "./views.js";

const TARGET = { pid: 7, name: "sleep", identity: "7-99" };
const QUESTION = {
  result: "question",
  nonce: "n",
  expires: 10,
  patience: 5,
  signal: "SIGTERM",
  targets: [TARGET],
  refusals: [],
};

/** Do what the page's script does before it loads the page again; returns what is kept then. */
function leave() {
  /** @type {{ unknown: string[], choices: any }} */
  const kept = { unknown: [], choices: null };
  document.dispatchEvent(new CustomEvent("procwidget-leave", { detail: kept }));
  return kept;
}

for (const { title, answer, known } of [
  { title: "no answer", answer: null, known: false },
  { title: "only a kernel that is lost", answer: { result: "refused", refusals: [], unknown: true }, known: false },
  { title: "a refusal", answer: { result: "refused", refusals: ["Too late."] }, known: true },
  {
    title: "an outcome",
    answer: { result: "outcome", outcomes: [{ ...TARGET, result: "ended", text: "Ended." }], question: null },
    known: true,
  },
]) {
  test(`a signal that was confirmed and got ${title} is ${known ? "known" : "not known"} after it`, (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const before = leave().unknown.length;
    /** @type {((answer: any) => void)[]} */
    const requests = [];
    const link = {
      send: () => {},
      request: (/** @type {object} */ _, /** @type {any} */ then) => `${requests.push(then)}`,
    };
    const dialog = new ActionDialog(link, [row({ key: 1, ...TARGET })], "SIGTERM", {
      told: () => {},
      closed: () => {},
    });
    dialog.start(place());
    requests.shift()?.(QUESTION);
    context.mock.timers.tick(GUARD);
    assert.equal(leave().unknown.length, before, "nothing was confirmed yet");
    dialog.confirmButton.click();
    dialog.close();
    if (answer) {
      requests.shift()?.(answer);
    }
    const said = known ? [] : ["It is not known whether sleep (7) was signalled; the audit log says."];
    assert.deepEqual(leave().unknown.slice(before), said);
  });
}

test("of many of whom it is not known, few enough to read are listNames", () => {
  const many = Array.from({ length: 7 }, (_, at) => ({ ...TARGET, pid: at + 1 }));
  const said = (/** @type {number} */ count) => unknownOutcome("renice 5", many.slice(0, count));
  const five = "sleep (1), sleep (2), sleep (3), sleep (4), sleep (5)";
  assert.equal(said(7), `It is not known whether ${five} and 2 others were reniced; the audit log says.`);
  assert.equal(said(6), `It is not known whether ${five}, sleep (6) were reniced; the audit log says.`);
});

test("the table comes back as it was chosen, once", async (context) => {
  const before = table(context);
  const { el } = before.render();
  appear();
  await before.send(ROWS);
  choose(el);
  // As the browser stores it.
  let kept = JSON.parse(JSON.stringify(leave().choices));
  const back = (/** @type {any} */ { detail }) => {
    Object.assign(detail, kept);
    kept = null;
  };
  document.addEventListener("procwidget-return", back);
  context.after(() => document.removeEventListener("procwidget-return", back));
  const first = await shown(context);
  assert.deepEqual(first, { filter: "python", sort: "memory", rows: [11, 13] });
  const second = await shown(context);
  assert.deepEqual(second, { filter: "", sort: "cpu", rows: [12, 11, 13] });
});

/** @param {HTMLElement} el */
function choose(el) {
  const search = /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));
  search.value = "python";
  search.dispatchEvent(new Event("input"));
  /** @type {HTMLElement} */ (el.querySelector('[role="columnheader"][data-column="memory"]')).click();
}

/** @param {import("node:test").TestContext} context */
async function shown(context) {
  const { render, send } = table(context);
  const { el } = render();
  appear();
  await send(ROWS);
  return {
    filter: /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]')).value,
    sort: el.querySelector('[aria-sort$="ending"]')?.getAttribute("data-column"),
    rows: pids(el),
  };
}
