/** The charts' points: the newest come, the others move on, gaps stay gaps, and nothing is drawn that nobody would see. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { ChartsView } from "../../procwidget/views/js/charts/charts_view.js";
import { Link } from "../../procwidget/views/js/connection/link.js";
import { SiblingModels } from "../../procwidget/views/js/connection/sibling_models.js";
import { ChartPoints } from "../../procwidget/views/js/connection/chart_points.js";
import { element } from "../../procwidget/views/js/ui/dom.js";
import { MOMENT } from "../../procwidget/views/js/ui/past_events.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { FakeModel, frame, row } from "./rows.js";

/** A mark's model as bqplot's are: it takes states and counts them. */
class Mark {
  /** @param {number} top */
  constructor(top = 100) {
    this.top = top;
    this.from = -900;
    const y = { get: () => this.top, set: (/** @type {string} */ _, /** @type {number} */ to) => (this.top = to) };
    const x = { get: () => this.from, set: (/** @type {string} */ _, /** @type {number} */ to) => (this.from = to) };
    /** @type {Record<string, any>} */
    this.state = { x: new Float32Array(2), y: [], scales: { x, y } };
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

/** A chart of a percentage and one of a rate with two series, a mark each. */
const CHARTS = /** @type {import("../../procwidget/views/js/connection/protocol.js").ChartWords[]} */ ([
  { key: "cpu", label: "CPU", unit: "percent", series: [["all", 1]] },
  { key: "disk", label: "Disk", unit: "rate", series: [["read", 1], ["written", 1]] }, // prettier-ignore
]);

/** Three lines of four slots in two marks, of which the kernel has told the newest. */
async function drawn() {
  const marks = { a: new Mark(), b: new Mark() };
  const charts = new ChartPoints(new SiblingModels(manager(marks)));
  const models = /** @type {[string, number][]} */ ([["a", 1], ["b", 2]]); // prettier-ignore
  charts.take({ slots: 4, window: 400, models, charts: CHARTS }, packed([[1], [2], [NaN]]));
  await settled();
  return { marks, charts };
}

test("points that come are the newest, and a stall is a gap", async () => {
  const { marks, charts } = await drawn();
  assert.deepEqual([...marks.a.state["x"]], [-200, -100, 0], "more than there is is not drawn");
  assert.deepEqual(marks.a.lines, [[NaN, NaN, 1]], "slots that were left out have no value");
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
  assert.deepEqual(marks.b.lines[1], [Math.fround(-1e15), NaN, Math.fround(-1e15)]);
});

test("a mark is drawn once a tick, and not when nothing of it moves by half a pixel", async () => {
  const { marks, charts } = await drawn();
  for (let tick = 0; tick < 4; tick += 1) {
    charts.take({ shift: 1, values: [50, 20, 30] }, undefined);
  }
  const before = [marks.a.draws, marks.b.draws];
  charts.take({ shift: 1, values: [50.2, 20, 30] }, undefined);
  assert.deepEqual([marks.a.draws, marks.b.draws], before);
  charts.take({ shift: 1, values: [50, 20, 60000] }, undefined);
  assert.deepEqual([marks.a.draws, marks.b.draws], [before[0], /** @type {number} */ (before[1]) + 1]);
  // What cannot be seen each time adds up to what can.
  for (const value of [50.5, 51, 51.5]) {
    charts.take({ shift: 1, values: [value, 20, 60000] }, undefined);
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
  charts.take({ slots: 9, models: [["a", 2]] }, packed([[1], [2], [3]]));
  charts.take({ shift: 1, values: [1] }, undefined);
  charts.take({}, undefined);
  assert.deepEqual(marks.a.lines, [[NaN, NaN, 1]]);
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

test("the axis of a rate is as high as what is shown of it needs, and that of a percentage is always the same", async () => {
  const { marks, charts } = await drawn();
  charts.take({ shift: 1, values: [99, 3_000_000, null] }, undefined);
  await settled();
  assert.deepEqual([marks.a.top, marks.b.top], [100, 2 ** 22]);
  charts.choose({ hidden: new Set(["disk/read"]) });
  assert.equal(marks.b.top, 65536, "a series that is switched off counts no more");
  assert.ok(marks.b.lines[0].every((/** @type {number} */ value) => !(value >= 0)));
});

/** A chart with as many slots as a quarter of an hour has at two seconds, the newest of them with these values. */
async function ofMinutes(/** @type {number[]} */ values) {
  const mark = new Mark();
  const charts = new ChartPoints(new SiblingModels(manager({ a: mark })));
  charts.take({ slots: 450, window: 900, models: [["a", 1]], charts: CHARTS.slice(0, 1) }, packed([values]), 1000);
  await settled();
  return { mark, charts };
}

test("ten seconds of values fill the axis, and it grows with them to the span that was chosen", async () => {
  const { mark, charts } = await ofMinutes([1, 2, 3, 4, 5]);
  assert.equal(mark.from, -10);
  for (let tick = 0; tick < 30; tick += 1) {
    charts.take({ shift: 1, values: [tick] }, undefined);
  }
  assert.equal(mark.from, -120);
  charts.choose({ span: 60 });
  assert.equal(mark.from, -60);
  assert.ok(mark.state["x"][0] <= -60, "the line begins at the edge");
  charts.choose({ span: Infinity });
  assert.equal(mark.from, -120, "no more is shown than there is");
});

test("a long span has few points, and its peaks stay in sight and where they are", async () => {
  const values = Array.from({ length: 450 }, (_, at) => (at === 101 ? 90 : 10));
  const { mark, charts } = await ofMinutes(values);
  charts.choose({ span: 900 });
  assert.ok(mark.lines[0].length < 300);
  const peak = () => mark.lines[0].filter((/** @type {number} */ value) => value === 90).length;
  assert.equal(peak(), 1);
  charts.take({ shift: 1, values: [10] }, undefined);
  assert.equal(peak(), 1);
});

test("what was at a moment can be asked for", async () => {
  const { charts } = await ofMinutes([1, 2, NaN, 4, 5]);
  const [chart] = charts.charts;
  assert.ok(chart);
  assert.deepEqual(charts.at(chart, 2.4), [{ label: "all", value: 4 }]);
  assert.deepEqual(charts.at(chart, 4), [{ label: "all", value: null }], "a gap is unknown");
});

test("the line at a past moment goes with it, whether the pointer is in a chart or not", (context) => {
  const dashboard = element("div", {}, element("div", { class: "procwidget-charts" }));
  const charts = element("div", { class: "procwidget-chart-cpu" });
  dashboard.querySelector(".procwidget-charts")?.append(charts);
  document.body.append(dashboard);
  const points = {
    charts: [{ words: { ...CHARTS[0], series: [] }, series: [] }],
    time: 100,
    shown: 60,
    span: 60,
    slot: 1,
  };
  const rest = { hidden: new Set(), cells: [], past: false, top: () => 100, follow: () => () => {}, choose() {} };
  const view = new ChartsView(/** @type {any} */ ({ ...points, ...rest }), { span: 60, hidden: [] }, {});
  context.after(() => {
    view.remove();
    dashboard.remove();
  });
  view.attach(dashboard);
  const go = (/** @type {number | null} */ time) => {
    delete dashboard.dataset["past"];
    Object.assign(dashboard.dataset, time === null ? {} : { past: String(time) });
    dashboard.dispatchEvent(new CustomEvent(MOMENT, { detail: { time } }));
    return charts.querySelector(".pw-cross")?.hasAttribute("hidden");
  };
  assert.deepEqual([go(90), go(null)], [false, true]);
});
