/** Keys that are typed in the dashboard stay in it; those of the application around it pass. */

import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./page.js";
import { guardKeys } from "../../procwidget/views/js/ui/key_guard.js";

/** @param {import("node:test").TestContext} context */
function guarded(context) {
  const dashboard = place();
  const inside = document.createElement("button");
  dashboard.append(inside);
  /** @type {string[]} */
  const around = [];
  const hear = (/** @type {KeyboardEvent} */ event) => void around.push(event.key);
  document.addEventListener("keydown", hear);
  const stop = guardKeys(dashboard);
  context.after(() => (stop(), document.removeEventListener("keydown", hear)));
  /**
   * @param {string} key
   * @param {KeyboardEventInit} [held]
   */
  const press = (key, held = {}) => {
    around.length = 0;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held });
    inside.dispatchEvent(event);
    return { heard: around.length > 0, prevented: event.defaultPrevented };
  };
  return { dashboard, inside, press, stop };
}

test("no letter, digit or plain key leaves the dashboard, with Shift or without, and the browser still has it", (context) => {
  const { press } = guarded(context);
  for (const key of [..."abcdefghijklmnopqrstuvwxyz0123456789", "Enter", "Escape", "Delete", " ", "ArrowDown", "F5"]) {
    assert.deepEqual(press(key), { heard: false, prevented: false }, key);
    assert.equal(press(key.toUpperCase(), { shiftKey: true }).heard, false, `Shift+${key}`);
  }
});

test("what the application does by Ctrl, Alt or Meta goes on working", (context) => {
  const { press } = guarded(context);
  assert.equal(press("s", { ctrlKey: true }).heard, true);
  assert.equal(press("S", { ctrlKey: true, shiftKey: true }).heard, true);
  assert.equal(press("s", { metaKey: true }).heard, true);
  assert.equal(press("w", { altKey: true }).heard, true);
});

test("what a command mode takes with Ctrl or Alt stays in the dashboard, and so does what AltGr types", (context) => {
  const { press } = guarded(context);
  for (const key of ["Enter", "Backspace", "ArrowUp", "a", "M"]) {
    assert.equal(press(key, { ctrlKey: true }).heard, false, key);
  }
  assert.equal(press("Enter", { altKey: true }).heard, false);
  assert.equal(press("@", { ctrlKey: true, altKey: true }).heard, false);
});

test("the dashboard's own listeners hear every key, and what they acted on goes no further", (context) => {
  const { dashboard, press } = guarded(context);
  /** @type {string[]} */
  const heard = [];
  dashboard.addEventListener("keydown", ({ key }) => heard.push(key));
  press("b");
  assert.deepEqual(heard, ["b"]);
  dashboard.firstElementChild?.addEventListener("keydown", (event) => event.preventDefault());
  assert.equal(press("s", { ctrlKey: true }).heard, false);
});

test("an application that listens before the dashboard is told by the element that has the focus", (context) => {
  const { inside, press } = guarded(context);
  /** @type {(string | null)[]} */
  const told = [];
  const early = () => void told.push(inside.getAttribute("data-lm-suppress-shortcuts"));
  document.addEventListener("keydown", early, true);
  context.after(() => document.removeEventListener("keydown", early, true));
  press("d");
  press("s", { ctrlKey: true });
  press("Enter", { shiftKey: true });
  assert.deepEqual(told, ["true", null, "true"]);
});

test("a click beside what takes the focus can give it to the dashboard; ended, keys pass again", (context) => {
  const { dashboard, press, stop } = guarded(context);
  assert.equal(dashboard.getAttribute("tabindex"), "-1");
  stop();
  assert.equal(press("d").heard, true);
});
