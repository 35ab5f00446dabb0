/** The strip of many cores: 256 fit, and the worst of them is seen and named. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { Meters } from "../../procwidget/views/js/head/meters.js";

/** @param {Record<number, [value: number | null, level: string]>} busy by number; the others take 1 % */
function cores(busy, count = 256) {
  return Array.from({ length: count }, (_, number) => {
    const [value, level] = busy[number] ?? [1, "normal"];
    return { number, value, level: /** @type {import("../../procwidget/views/js/types.js").Level} */ (level) };
  });
}

/** @param {ReturnType<typeof cores>} readings */
function shown(readings, meters = new Meters()) {
  meters.show([], readings);
  const strip = /** @type {SVGElement} */ (meters.strip.element);
  const path = (/** @type {string} */ name) => strip.querySelector(`.pw-strip-${name}`)?.getAttribute("d") ?? "";
  const cells = (/** @type {string} */ name) => path(name).split("M").length - 1;
  return { meters, strip, path, cells };
}

test("of 256 cores the one that is critical has a cell of its own kind, and its number is said", () => {
  const { meters, strip, path, cells } = shown(
    cores({ 137: [99.7, "critical"], 3: [75, "warning"], 200: [50, "normal"] }),
  );
  assert.equal(strip.getAttribute("viewBox"), "0 0 64 4");
  assert.equal(cells("back"), 256);
  // Core 137 is the tenth cell of the third row.
  assert.match(path("critical"), /^M9\.06 2\.06h/);
  assert.deepEqual([cells("critical"), cells("warning"), cells("shade-3"), cells("shade-0")], [1, 1, 1, 0]);
  assert.equal(strip.getAttribute("aria-label"), "256 cores, busiest Core 137: 99 %, 1 critical");
  assert.equal(meters.coresText.textContent, "Core 137: 99 %, 1 critical");
  assert.match(strip.querySelector("title")?.textContent ?? "", /^Core 137: 99 %, Core 3: 75 %, Core 200: 50 %, /);
  assert.ok(meters.cores.hasAttribute("hidden") && !strip.hasAttribute("hidden"));
});

test("numbers are the system's, also where some cores are offline", () => {
  const odd = cores({}, 40).map((core) => ({ ...core, number: 2 * core.number + 1 }));
  odd[20] = { ...odd[20], number: 41, value: 64, level: "normal" };
  const { strip } = shown(odd);
  assert.match(strip.getAttribute("aria-label") ?? "", /busiest Core 41: 64 %$/);
});

test("a reading in which no shade changes writes nothing, another one an attribute a shade", (context) => {
  const { meters } = shown(cores({ 7: [95, "critical"] }));
  const writes = context.mock.method(Element.prototype, "setAttribute").mock;
  shown(cores({ 7: [95.4, "critical"], 9: [1.6, "normal"] }), meters);
  assert.equal(writes.callCount(), 0);
  shown(cores({ 8: [95.4, "critical"], 9: [20, "normal"] }), meters);
  const written = writes.calls.map(({ this: path }) => /** @type {Element} */ (path).getAttribute("class") ?? "");
  assert.deepEqual(written.sort(), ["pw-core-strip", "pw-strip-critical", "pw-strip-shade-1"]);
});

test("what is not known is no cell, and few cores are bars", () => {
  const { meters, strip, cells } = shown(cores({}, 33).map((core) => ({ ...core, value: null })));
  assert.deepEqual([cells("back"), cells("shade-0"), cells("critical")], [33, 0, 0]);
  assert.equal(strip.getAttribute("aria-label"), "33 cores, not known yet");
  shown(cores({ 2: [97, "critical"] }, 32), meters);
  assert.ok(strip.hasAttribute("hidden") && !meters.cores.hasAttribute("hidden"));
  assert.equal(meters.cores.getAttribute("aria-label"), "32 cores, busiest 97 %, 1 critical");
});
