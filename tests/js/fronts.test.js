/** Front ends that are not JupyterLab: parts shown apart, models of another make, and the still that is hidden anywhere. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, place } from "./page.js";
import { ChartPoints } from "../../procwidget/views/js/connection/chart_points.js";
import { SiblingModels } from "../../procwidget/views/js/connection/sibling_models.js";
import summary from "../../procwidget/views/js/summary.js";
import makeTable from "../../procwidget/views/js/table.js";
import { FakeModel, frame, THRESHOLDS } from "./rows.js";
import { ROWS, table } from "./views.js";

Reflect.set(globalThis, "CSS", { escape: (/** @type {string} */ name) => name });

/** @param {string} name */
const styleFor = (name) =>
  [...document.head.querySelectorAll("style")].find(({ textContent }) => textContent.includes(`-${name} `));

test("the still is hidden while a view has figures of a kernel, in any front end", async (context) => {
  const { render, send } = table(context, { name: "d1" });
  const { remove } = render();
  appear();
  assert.equal(styleFor("d1"), undefined, "a view of a saved state has none, and shows nothing");
  await send(ROWS);
  assert.match(styleFor("d1")?.textContent ?? "", /^\.procwidget-fallback-d1 { display: none; }$/);
  remove();
  assert.equal(styleFor("d1"), undefined);
});

/** A model as marimo has them: without `set_state`. */
class OtherModel extends FakeModel {
  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    this.state[name] = value;
    this.emit(`change:${name}`);
  }
}

/**
 * Summary and table of one dashboard, each alone in its own part of a page.
 * @param {import("node:test").TestContext} context
 */
function apart(context) {
  const page = place();
  const [above, below] = [document.createElement("div"), document.createElement("div")];
  page.append(above, below);
  const head = new OtherModel({ reading: {}, name: "d2" });
  const model = new FakeModel({
    options: { sort_by: "cpu", rows: 10, filter: "", actions: true, name: "d2" },
    thresholds: THRESHOLDS,
  });
  Object.assign(model, { widget_manager: { get_model: async () => head } });
  const widget = makeTable();
  const close = widget.initialize({ model });
  const removes = [summary.render({ model: head, el: above }), widget.render({ model, el: below })];
  context.after(() => {
    removes.forEach((remove) => remove());
    close();
  });
  appear();
  return { above, below, model, head };
}

test("parts that are shown apart pause together", (context) => {
  const { above, model } = apart(context);
  const watches = () => model.sent.filter(({ type }) => type === "watch").map(({ on }) => on);
  const pause = /** @type {HTMLElement} */ (above.querySelector(".pw-pause"));
  assert.deepEqual(watches(), [true]);
  pause.click();
  assert.deepEqual(watches(), [true, false]);
  pause.click();
  assert.deepEqual(watches(), [true, false, true]);
});

test("what Python pauses pauses the summary that is shown apart, once", (context) => {
  const { above, below } = apart(context);
  /** @type {string[]} */
  const states = [];
  above.addEventListener("procwidget-pause", () => states.push("summary"));
  below.addEventListener("procwidget-pause", () => states.push("table"));
  below.dispatchEvent(new CustomEvent("procwidget-ask-pause", { detail: { paused: true } }));
  assert.equal(above.querySelector(".pw-pause")?.getAttribute("aria-pressed"), "true");
  assert.deepEqual(states, ["table", "summary"]);
  assert.equal(below.dataset["paused"], "true");
});

test("dashboards beside each other pause alone", (context) => {
  const { model } = apart(context);
  const other = document.createElement("div");
  document.body.append(other);
  context.after(summary.render({ model: new FakeModel({ reading: {}, name: "d3" }), el: other }));
  appear();
  /** @type {HTMLElement} */ (other.querySelector(".pw-pause")).click();
  assert.deepEqual(model.sent.filter(({ type }) => type === "watch").length, 1);
});

test("a summary whose model takes no states at once gets its reading all the same", async (context) => {
  const { above, model } = apart(context);
  const values = { headline: { level: "normal", text: "Calm" } };
  const [content, block] = frame({ seq: 1, whole: true, reading: { model: "m", whole: true, values } }, ROWS);
  model.emit("msg:custom", content, [block]);
  await new Promise((drawn) => setTimeout(drawn, 5));
  assert.equal(above.querySelector(".pw-headline")?.textContent, "Calm");
});

test("models of marks that nothing draws are left alone", () => {
  const siblings = new SiblingModels(undefined);
  /** @type {number[]} */
  const told = [];
  const mark = { get: () => ({ x: "IPY_MODEL_1", y: "IPY_MODEL_2" }), set: () => told.push(1) };
  siblings.known.set("m", mark);
  const points = new ChartPoints(siblings);
  points.take(
    {
      slots: 15,
      window: 900,
      models: [["m", 1]],
      charts: [{ key: "cpu", label: "CPU", unit: "percent", series: [["all", 1]] }],
    },
    new DataView(new Float32Array([5]).buffer),
  );
  assert.deepEqual(told, []);
});
