/** The charts' points: the newest come, the others move on, gaps stay gaps, and nothing is drawn that nobody would see. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { Link } from "../../procwidget/views/js/connection/link.js";
import { SiblingModels } from "../../procwidget/views/js/connection/sibling_models.js";
import { ChartPoints } from "../../procwidget/views/js/connection/chart_points.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { FakeModel, frame, row } from "./rows.js";

/** A mark's model as bqplot's are: it takes states and counts them. */
class Mark {
  /** @param {number} top */
  constructor(top = 100) {
    this.top = top;
    const set = (/** @type {string} */ _name, /** @type {number} */ highest) => (this.top = highest);
    /** @type {Record<string, any>} */
    this.state = { x: new Float32Array(2), y: [], scales: { y: { get: () => this.top, set } } };
    this.draws = 0;
  }

  /** @param {string} name */
  get(name) {
    return this.state[name];
  }

  /** @param {object} state */
  set_state(state) {
    Object.assign(this.state, state);
    this.draws += 1;
  }

  get lines() {
    return this.state["y"].map((/** @type {Float32Array} */ line) => [...line]);
  }
}

/** @param {Record<string, Mark>} models */
function manager(models) {
  return {
    /** @param {string} name */
    get_model: async (name) => models[name] ?? Promise.reject(new Error("no such model")),
  };
}

/** @param {number[][]} lines as in a message: at an odd place of a longer buffer */
function packed(lines) {
  const view = new DataView(new ArrayBuffer(4 * lines.flat().length + 3), 3);
  lines.flat().forEach((value, at) => view.setFloat32(4 * at, value, true));
  return view;
}

const settled = () => new Promise((then) => setTimeout(then, 1));

/** Three lines of four slots in two marks. */
async function drawn() {
  const marks = { a: new Mark(), b: new Mark() };
  const charts = new ChartPoints(new SiblingModels(manager(marks)));
  const whole = [
    [NaN, NaN, NaN, 1],
    [NaN, NaN, NaN, 2],
    [NaN, NaN, NaN, NaN],
  ];
  charts.take({ slots: 4, models: [["a", 1], ["b", 2]] }, packed(whole)); // prettier-ignore
  await settled();
  return { marks, charts };
}

test("points that come are the newest, and a stall is a gap", async () => {
  const { marks, charts } = await drawn();
  assert.deepEqual([...marks.a.state["x"]], [-300, -200, -100, 0]);
  charts.take({ shift: 2, values: [11, 12, null] }, undefined);
  charts.take({ shift: 1, values: [21, null, null] }, undefined);
  assert.deepEqual(marks.a.lines, [[1, NaN, 11, 21]]);
  assert.deepEqual(marks.b.lines[0], [2, NaN, 12, NaN]);
  charts.take({ shift: 0, values: [31, 32, 33] }, undefined);
  assert.deepEqual(marks.a.lines, [[1, NaN, 11, 31]], "a sample in the same slot takes its place");
  charts.take({ shift: 99, values: [41, 42, 43] }, undefined);
  assert.deepEqual(marks.a.lines, [[NaN, NaN, NaN, 41]]);
});

test("a line without any value has its ends out of sight", async () => {
  const { marks } = await drawn();
  assert.deepEqual(marks.b.lines[1], [Math.fround(-1e15), NaN, NaN, Math.fround(-1e15)]);
});

test("a mark is drawn once a tick, and not when nothing of it moves by half a pixel", async () => {
  const { marks, charts } = await drawn();
  for (let tick = 0; tick < 4; tick += 1) {
    charts.take({ shift: 1, values: [50, 20, 30] }, undefined);
  }
  const before = [marks.a.draws, marks.b.draws];
  charts.take({ shift: 1, values: [50.2, 20, 30] }, undefined);
  assert.deepEqual([marks.a.draws, marks.b.draws], before);
  charts.take({ shift: 1, values: [50, 20, 60] }, undefined);
  assert.deepEqual([marks.a.draws, marks.b.draws], [before[0], /** @type {number} */ (before[1]) + 1]);
  // What cannot be seen each time adds up to what can.
  for (const value of [50.3, 50.6, 50.9]) {
    charts.take({ shift: 1, values: [value, 20, 60] }, undefined);
  }
  assert.ok(marks.a.draws > /** @type {number} */ (before[0]));
});

test("a mark that the page has only later is drawn with all of its points", async () => {
  /** @type {Record<string, Mark>} */
  const models = {};
  const charts = new ChartPoints(new SiblingModels(manager(models)));
  charts.take({ slots: 3, models: [["a", 1]] }, packed([[1, 2, 3]]));
  await settled();
  const late = (models["a"] = new Mark());
  charts.take({ shift: 1, values: [4] }, undefined);
  await settled();
  assert.deepEqual(late.lines, [[2, 3, 4]]);
});

test("points that are not what they are said to be change nothing", async () => {
  const { marks, charts } = await drawn();
  charts.take({ slots: 9, models: [["a", 1]] }, packed([[1]]));
  charts.take({ shift: 1, values: [1] }, undefined);
  charts.take({}, undefined);
  assert.deepEqual(marks.a.lines, [[NaN, NaN, NaN, 1]]);
  new ChartPoints(new SiblingModels(undefined)).take({ slots: 1, models: [["a", 1]] }, packed([[1]]));
  await settled();
});

test("what comes beside frames gets to the summary and the charts, and after a missed frame only what is whole", async (context) => {
  const [summary, mark] = [new Mark(), new Mark()];
  const model = Object.assign(new FakeModel(), { widget_manager: manager({ s: summary, m: mark }) });
  const link = new Link(model, new Store(), () => 0);
  context.after(() => link.close());
  link.want({}, true);
  /**
   * @param {number} seq
   * @param {object} given
   * @param {DataView[]} more
   */
  const send = async (seq, given, ...more) => {
    const [content, block] = frame({ seq, whole: seq === 1, ...given }, [row({ key: 1 })]);
    model.emit("msg:custom", content, [block, ...more]);
    await settled();
  };
  const whole = { slots: 3, models: [["m", 1]] };
  await send(1, { reading: { model: "s", whole: true, values: { a: 1, b: 1 } }, charts: whole }, packed([[1, 2, 3]]));
  await send(2, { reading: { model: "s", values: { b: 2 } }, charts: { shift: 1, values: [4] } });
  assert.deepEqual(summary.get("reading"), { a: 1, b: 2 });
  assert.deepEqual(mark.lines, [[2, 3, 4]]);
  await send(4, { reading: { model: "s", values: { b: 4 } }, charts: { shift: 1, values: [9] } });
  assert.deepEqual(summary.get("reading"), { a: 1, b: 2 });
  assert.deepEqual(mark.lines, [[2, 3, 4]]);
  await send(5, { reading: { model: "s", whole: true, values: { a: 5 } }, charts: whole }, packed([[7, 8, 9]]));
  assert.deepEqual(summary.get("reading"), { a: 5 });
  assert.deepEqual(mark.lines, [[7, 8, 9]]);
});

test("what is above an axis whose newest top was lost is in sight all the same", async () => {
  const { marks, charts } = await drawn();
  charts.take({ shift: 1, values: [99, 500, null] }, undefined);
  await settled();
  assert.deepEqual([marks.a.top, marks.b.top], [100, 500]);
});
