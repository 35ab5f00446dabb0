/** The terms of a search that the kernel looks up: asked once it is quiet, again while they stand, and said what is not known. */

import assert from "node:assert/strict";
import test from "node:test";
import { proposals } from "../../procwidget/views/js/search/completion.js";
import { Lookups } from "../../procwidget/views/js/search/lookups.js";
import { parse } from "../../procwidget/views/js/search/query.js";
import { appear } from "./page.js";
import { pids, ROWS, table } from "./views.js";

/** @param {import("node:test").TestContext} context */
function stage(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 1000;
  /** @type {{ content: any, then: (answer: any) => void }[]} */
  const asked = [];
  let drawn = 0;
  const link = { request: (/** @type {any} */ content, /** @type {any} */ then) => `${asked.push({ content, then })}` };
  const lookups = new Lookups(
    link,
    () => drawn++,
    () => now,
  );
  const pass = (/** @type {number} */ milliseconds) => {
    now += milliseconds;
    context.mock.timers.tick(milliseconds);
  };
  return { lookups, asked, pass, drawn: () => drawn };
}

test("the kernel is asked when nothing was typed for a moment, once, and again every five seconds", (context) => {
  const { lookups, asked, pass, drawn } = stage(context);
  lookups.follow(parse("file:d"));
  pass(100);
  lookups.follow(parse("file:data"));
  pass(200);
  assert.equal(asked.length, 0);
  pass(200);
  assert.deepEqual(
    asked.map(({ content }) => content.lookups),
    [[{ kind: "file", value: "data" }]],
  );
  const standing = parse("file:data");
  lookups.follow(standing);
  assert.equal(standing.lookups[0]?.found, null);
  asked[0]?.then({ result: "holders", found: [["11-1"]], note: "3 processes could not be looked into." });
  assert.equal(drawn(), 1);
  lookups.follow(standing);
  assert.deepEqual(standing.lookups[0]?.found, new Set(["11-1"]));
  assert.equal(lookups.element.textContent, "3 processes could not be looked into.");
  pass(4000);
  lookups.follow(standing);
  assert.equal(asked.length, 1);
  pass(2000);
  lookups.follow(standing);
  lookups.follow(standing);
  assert.equal(asked.length, 2);
  lookups.follow(parse(""));
  assert.equal(lookups.element.textContent, "");
});

test("an answer to what is not asked any more is dropped, and the new question follows it", (context) => {
  const { lookups, asked, pass, drawn } = stage(context);
  lookups.follow(parse("port:80"));
  pass(300);
  lookups.follow(parse("port:8888"));
  pass(300);
  assert.equal(asked.length, 1);
  asked[0]?.then({ result: "holders", found: [["1-1"]], note: null });
  assert.equal(drawn(), 0);
  assert.deepEqual(asked[1]?.content.lookups, [{ kind: "port", value: "8888" }]);
  asked[1]?.then({ result: "refused", refusals: ["Not here."] });
  assert.equal(lookups.element.textContent, "Not here.");
});

test("the table shows those that have the port, as soon as the kernel says so", async (context) => {
  const { model, render, send } = table(context);
  const { el, remove } = render();
  appear();
  await send(ROWS);
  const search = /** @type {HTMLInputElement} */ (el.querySelector('[role="searchbox"]'));
  search.value = "port:8888 or bash";
  search.dispatchEvent(new Event("input"));
  assert.deepEqual(pids(el), [12]);
  await new Promise((passed) => setTimeout(passed, 320));
  const { request } = model.sent.find(({ type }) => type === "holders");
  model.emit("msg:custom", { type: "answer", request, result: "holders", found: [["13-3"]], note: null });
  assert.deepEqual(pids(el), [12, 13]);
  remove();
});

test("both are proposed as they are typed", () => {
  assert.deepEqual(
    proposals("por", 3)?.list.map(({ text }) => text),
    ["port:"],
  );
});
