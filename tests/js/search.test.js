/** The search box: mistakes are pointed at and change nothing else, completions never get in the way. */

import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./page.js";
import { proposals } from "../../procwidget/views/js/search/completion.js";
import { QUIET, SearchBox } from "../../procwidget/views/js/search/box.js";

/**
 * @param {import("node:test").TestContext} context
 * @param {string} [text]
 */
function box(context, text = "") {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const said = [];
  const search = new SearchBox(text, {
    changed: (now) => said.push(now),
    left: () => said.push("left"),
    next: () => {},
    spoken: () => "1 of 3",
  });
  place().append(search.element, search.message);
  const { input } = search;
  /** @param {string} now */
  const type = (now) => {
    input.value = now;
    input.setSelectionRange(now.length, now.length);
    input.dispatchEvent(new Event("input"));
  };
  /**
   * @param {string} key
   * @param {object} [with_]
   */
  const press = (key, with_ = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...with_ });
    input.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const options = () => [...search.suggestions.element.children].map((one) => one.firstChild?.textContent);
  return {
    search,
    input,
    said,
    type,
    press,
    options,
    tick: (/** @type {number} */ ms) => context.mock.timers.tick(ms),
  };
}

test("a mistake is underlined where it stands and said below; the last good query stays", (context) => {
  const { search, input, type } = box(context, "bash");
  const { query } = search;
  type("bash CUP>5");
  assert.equal(search.query, query);
  assert.equal(input.getAttribute("aria-invalid"), "true");
  assert.equal(search.element.querySelector(".pw-wrong")?.textContent, "CUP");
  assert.equal(search.mirror.textContent, "bash CUP>5");
  const message = document.getElementById(input.getAttribute("aria-describedby") ?? "");
  assert.equal(message?.textContent, "There is no column 'CUP'; did you mean cpu?");
  type("bash cpu>5");
  assert.notEqual(search.query, query);
  assert.equal(input.getAttribute("aria-invalid"), null);
  assert.equal(search.mirror.textContent, "");
});

test("a mistake that looks like markup is text", (context) => {
  const { search, type } = box(context);
  type("x=<img src=x onerror=alert(1)>");
  assert.equal(search.element.querySelector("img"), null);
  assert.equal(search.message.querySelector("img"), null);
});

test("a text that was wrong from the start finds everything", (context) => {
  const { search } = box(context, "cpu>");
  assert.equal(search.query.all, true);
  assert.match(search.message.textContent ?? "", /A value is missing/);
});

test("the result is spoken once the typing rests, not at every key", (context) => {
  const { search, type, tick } = box(context);
  type("b");
  type("ba");
  tick(QUIET - 1);
  assert.equal(search.spoken.textContent, "");
  tick(1);
  assert.equal(search.spoken.textContent, "1 of 3");
  type("cpu>");
  assert.equal(search.message.getAttribute("aria-live"), "off");
  tick(QUIET);
  assert.equal(search.message.getAttribute("aria-live"), "polite");
  assert.match(search.message.textContent ?? "", /missing/);
});

test("columns and operators are proposed where one can stand", () => {
  const texts = (/** @type {string} */ text, caret = text.length) =>
    proposals(text, caret)?.list.map((one) => one.text) ?? [];
  assert.deepEqual(texts("us"), ["user=", "user_time>"]);
  assert.deepEqual(texts("bash (me"), ["memory>"]);
  assert.deepEqual(texts("ST"), ["status=", "started>"]);
  assert.deepEqual(texts("user"), ["user=", "user~", "user!=", "user!~", "user_time>"]);
  assert.deepEqual(texts("Cpu").slice(0, 2), ["Cpu>", "Cpu<"]);
  assert.deepEqual(texts("cpu").at(-1), "cpu_time>");
  for (const none of ["", "u", "zz", "or", "cpu>us", "cpu> us", "'us", "'a us", "user=us", "x-us"]) {
    assert.deepEqual(texts(none), [], none);
  }
  assert.deepEqual(texts("users", 2), []);
  assert.ok((proposals("", 0, true)?.list.length ?? 0) > 10);
});

test("Enter and Tab take a completion only after an arrow led into the list", (context) => {
  const { input, said, type, press, options } = box(context);
  type("us");
  assert.deepEqual(options(), ["user=", "user_time>"]);
  assert.equal(press("Enter"), false);
  assert.equal(press("Tab"), false);
  assert.equal(input.value, "us");
  assert.equal(press("ArrowDown"), true);
  const active = document.getElementById(input.getAttribute("aria-activedescendant") ?? "");
  assert.equal(active?.getAttribute("aria-selected"), "true");
  assert.equal(press("Enter"), true);
  assert.equal(input.value, "user=");
  assert.deepEqual(options(), []);
  assert.deepEqual(said, ["us", "user="]);
});

test("Escape closes the list and leaves the text; without a list the arrow goes to the table", (context) => {
  const { search, input, said, type, press } = box(context);
  type("cp");
  assert.equal(search.suggestions.open, true);
  assert.equal(press("Escape"), true);
  assert.deepEqual([search.suggestions.open, input.value], [false, "cp"]);
  assert.equal(press("Escape"), false);
  press("ArrowDown");
  assert.equal(said.at(-1), "left");
  press("ArrowDown", { altKey: true });
  assert.equal(search.suggestions.open, true);
  input.dispatchEvent(new Event("blur"));
  assert.equal(search.suggestions.open, false);
});

test("it stays a search box by role and name", (context) => {
  const { input, type } = box(context);
  type("us");
  assert.deepEqual(
    ["role", "aria-label", "aria-autocomplete"].map((name) => input.getAttribute(name)),
    ["searchbox", "Filter processes", "list"],
  );
  assert.ok(document.getElementById(input.getAttribute("aria-controls") ?? ""));
});
