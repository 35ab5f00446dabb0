/** Searches that are there again, and matches that are found without hiding the other rows. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { KeptSearches, RECENT } from "../../procwidget/views/js/search/kept_searches.js";
import { pids, ROWS, table } from "./views.js";

/** @returns {Storage} */
function browser() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => items.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => items.set(key, value),
  });
}

test("the last searches and the saved ones are there next time, each once, the saved ones first", () => {
  const storage = browser();
  const kept = new KeptSearches(storage);
  for (let at = 0; at < RECENT + 3; at++) {
    kept.note(`cpu>${at}`);
  }
  kept.note(" cpu>9 ");
  kept.note("");
  kept.toggle("cpu>8");
  const again = new KeptSearches(storage).list();
  assert.deepEqual(again.slice(0, 3), [
    { text: "cpu>8", hint: "saved" },
    { text: "cpu>9", hint: "searched before" },
    { text: "cpu>10", hint: "searched before" },
  ]);
  assert.equal(again.length, RECENT);
  kept.toggle("cpu>8");
  assert.equal(new KeptSearches(storage).isSaved("cpu>8"), false);
});

test("what is no list of searches is none", () => {
  const storage = browser();
  storage.setItem(new KeptSearches(storage).key, '{"saved": [1], "recent": "cpu"}');
  assert.deepEqual(new KeptSearches(storage).list(), []);
});

/** @param {import("node:test").TestContext} context */
async function shown(context) {
  const { render, send } = table(context);
  const { el, remove } = render();
  context.after(remove);
  appear();
  await send(ROWS);
  const box = /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));
  const type = (/** @type {string} */ text) => {
    box.value = text;
    box.dispatchEvent(new Event("input"));
  };
  const press = (/** @type {string} */ key, /** @type {object} */ with_ = {}) => {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...with_ }),
    );
    return Number(document.activeElement?.closest("[data-pid]")?.getAttribute("data-pid"));
  };
  const button = (/** @type {string} */ text) =>
    /** @type {HTMLButtonElement} */ ([...el.querySelectorAll("button")].find((one) => one.textContent === text));
  return { el, box, type, press, button };
}

test("Mark lets all rows stay, and Enter, n and N go from match to match and round", async (context) => {
  const { el, box, type, press, button } = await shown(context);
  button("Mark").click();
  type("name=python");
  assert.deepEqual([pids(el), el.querySelector(".pw-count")?.textContent], [[12, 11, 13], "2 of 3"]);
  assert.equal(el.querySelectorAll("mark").length, 2);
  box.focus();
  assert.equal(press("Enter"), 11);
  assert.deepEqual([press("n"), press("n"), press("N")], [13, 11, 13]);
  button("Mark").click();
  assert.deepEqual(pids(el), [11, 13]);
});

test("a saved search is proposed in the empty box and taken from there", async (context) => {
  const { el, box, type, press, button } = await shown(context);
  assert.equal(button("☆").disabled, true);
  type("name=bash");
  button("☆").click();
  assert.equal(button("★").getAttribute("aria-label"), "Forget this saved search");
  type("");
  box.focus();
  press("ArrowDown", { altKey: true });
  assert.equal(el.querySelector('[role="option"]')?.textContent, "name=bashsaved");
  press("ArrowDown");
  press("Enter");
  assert.deepEqual([box.value, pids(el)], ["name=bash", [12]]);
});
