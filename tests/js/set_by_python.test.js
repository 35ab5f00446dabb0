/** What Python sets on a dashboard that is shown: every view takes it over, and keeps what the user chose otherwise. */

import assert from "node:assert/strict";
import test from "node:test";
import { ASK_PAUSE } from "../../procwidget/views/js/head/pause.js";
import { appear } from "./page.js";
import { pids, ROWS, table } from "./views.js";

/** @param {import("node:test").TestContext} context */
async function shown(context) {
  const made = table(context, { columns: null });
  const { el } = made.render();
  appear();
  await made.send(ROWS);
  /** @type {Record<string, number>} */
  let chosen = {};
  /** @param {Record<string, unknown>} options */
  const set = async (options) => {
    chosen = { ...chosen };
    for (const name of Object.keys(options)) {
      chosen[name] = (chosen[name] ?? 0) + 1;
    }
    made.model.set("options", { .../** @type {object} */ (made.model.get("options")), ...options, chosen });
    await new Promise((drawn) => setTimeout(drawn, 5));
  };
  const search = /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));
  return { ...made, el, set, search };
}

test("a filter from Python is in the box and finds; set again it replaces what was typed meanwhile", async (context) => {
  const { el, set, search } = await shown(context);
  await set({ filter: "bash" });
  assert.deepEqual([search.value, pids(el)], ["bash", [12]]);
  search.value = "python";
  search.dispatchEvent(new Event("input"));
  await set({ sort_by: "memory" });
  assert.deepEqual([search.value, pids(el)], ["python", [11, 13]]);
  await set({ filter: "bash" });
  assert.deepEqual([search.value, pids(el)], ["bash", [12]]);
});

test("the footer, which a compact dashboard has too, says that a filter is on", async (context) => {
  const { el, set } = await shown(context);
  const said = () => el.querySelector(".pw-foot .pw-filtered")?.textContent;
  assert.equal(said(), "");
  await set({ filter: "cpu>50" });
  assert.equal(said(), "1 of 3 match cpu>50");
  await set({ filter: "" });
  assert.equal(said(), "");
});

test("the table is sorted, figures from the largest, and shows the columns in Python's order", async (context) => {
  const { el, set } = await shown(context);
  await set({ sort_by: "memory" });
  assert.deepEqual(pids(el), [11, 13, 12]);
  await set({ columns: ["name", "pid"] });
  const shownColumns = () =>
    [...el.querySelectorAll('[role="columnheader"]')].map((one) => one.getAttribute("data-column"));
  assert.deepEqual(
    shownColumns().filter((key) => key === "name" || key === "pid" || key === "cpu"),
    ["name", "pid"],
  );
  await set({ columns: null });
  assert.ok(shownColumns().includes("cpu"));
});

test("pausing is asked of the summary, which has the button", async (context) => {
  const { dashboard, set } = await shown(context);
  /** @type {boolean[]} */
  const asked = [];
  dashboard.addEventListener(ASK_PAUSE, (event) =>
    asked.push(/** @type {CustomEvent<{ paused: boolean }>} */ (event).detail.paused),
  );
  await set({ paused: true });
  await set({ paused: false });
  assert.deepEqual(asked, [true, false]);
});
