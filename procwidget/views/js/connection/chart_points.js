/**
 * Moves the live charts on: keeps the points of their lines, takes the new ones that come with each frame from
 * views/charts.py, and writes those of the chosen span to the models of bqplot's marks. Each line has a fixed number of
 * slots, oldest first; NaN is a gap. A mark is drawn once a tick, and not at all when none of its points would move by
 * as much as can be seen.
 */

import { Emitter } from "../ui/emitter.js";
import { ChartMarks } from "./chart_marks.js";

/** @import { SiblingModels } from "./sibling_models.js" */
/** @import { CellBand, ChartsPart, ChartWords } from "./protocol.js" */
/** @import { StatefulModel } from "../types.js" */

/** Seconds that the kernel keeps of a chart, unless it says otherwise. */
const WINDOW = 900;

/** Spans that an axis has while there is less than what was chosen, in seconds: it grows seldom, and in round steps. */
const STEPS = [10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800];

/** Pixels from the bottom of a chart to its top, and how few of them nobody sees. */
const HEIGHT = 56;
const UNSEEN = 0.5;

/** The most points of a line that are drawn: a chart is not wider, and each of them costs. */
const MOST_POINTS = 300;

/** Bytes a second that the axis of a rate has at least. */
const SMALLEST_TOP = 65536;

/** Where a line without any value has its ends, because bqplot cannot draw nothing. */
const OUT_OF_SIGHT = -1e15;

/**
 * @typedef {object} Mark some lines that are one mark of bqplot's
 * @property {string} name of its model
 * @property {number} first of its lines
 * @property {number} end
 * @property {{ as: string, lines: Float32Array[] } | null} drawn how and what was drawn last, null for never
 *
 * @typedef {object} ChartOf one chart and where its lines are among all
 * @property {ChartWords} words
 * @property {{ label: string, first: number, end: number }[]} series
 */

/** @extends {Emitter<[]>} */
export class ChartPoints extends Emitter {
  /** @param {SiblingModels} siblings */
  constructor(siblings) {
    super();
    this.siblings = siblings;
    this.events = new ChartMarks(siblings, WINDOW);
    /** @type {Float32Array[]} */
    this.lines = [];
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {ChartOf[]} */
    this.charts = [];
    this.window = WINDOW;
    this.slots = 0;
    /** How many slots there are from the oldest value on. */
    this.filled = 0;
    /** When cells ran. @type {CellBand[]} */
    this.cells = [];
    /** Unix seconds of the newest slot. */
    this.time = 0;
    /** Whether that is a past moment, and not now. */
    this.past = false;
    this.span = 300;
    this.height = HEIGHT;
    /** Keys of series that are not drawn. @type {Set<string>} */
    this.hidden = new Set();
    /** By how many slots everything has moved, which keeps points that stand for several of them still. */
    this.moved = 0;
  }

  /** Seconds from one slot to the next. */
  get slot() {
    return this.slots ? this.window / this.slots : 1;
  }

  /** Seconds that the charts show now: what was chosen or, while there is less, about what there is. */
  get shown() {
    const there = Math.max(STEPS[0] ?? 0, (this.filled - 1) * this.slot);
    return Math.min(this.span, this.window, STEPS.find((step) => step >= there - this.slot) ?? Infinity);
  }

  /**
   * Show another span, other series, or the same ones in another height.
   * @param {{ span?: number, height?: number, hidden?: Set<string> }} choice
   */
  choose({ span = this.span, height = this.height, hidden = this.hidden }) {
    Object.assign(this, { span, height, hidden });
    this.#drawAll();
  }

  /**
   * @param {ChartsPart} part
   * @param {DataView | ArrayBuffer | undefined} points all of them, where the part is whole
   * @param {number} [time] Unix seconds of the newest
   */
  take(part, points, time = 0) {
    this.time = time;
    if (part.models !== undefined && points !== undefined) {
      this.#lay(part, part.models, points);
    } else if (part.values !== undefined && part.values.length === this.lines.length) {
      this.#shift(part.shift ?? 1, part.values);
    } else {
      return;
    }
    this.cells = part.cells ?? this.cells;
    if (part.marks !== undefined) {
      this.events.take(part.marks);
    }
    this.#drawAll();
  }

  /**
   * What was when: the value of each series of a chart. Of several lines, as of each core, it is the largest.
   * @param {ChartOf} chart
   * @param {number} ago seconds before the newest slot
   */
  at({ series }, ago) {
    const place = this.slots - 1 - Math.round(ago / this.slot);
    return series.map(({ label, first, end }) => ({
      label: end - first > 1 ? label.replace("each", "busiest") : label,
      value: highest(this.lines.slice(first, end).map((line) => line[place] ?? NaN)),
    }));
  }

  /** How high the axis of a chart is. @param {ChartOf} chart */
  top({ words, series }) {
    const seen = series.flatMap(({ label, first, end }) =>
      this.hidden.has(`${words.key}/${label}`) ? [] : this.lines.slice(first, end),
    );
    const most = highest(seen.map((line) => highest(line.subarray(this.#first())))) ?? 0;
    if (words.unit === "percent") {
      return Math.max(100, most);
    }
    return Math.max(SMALLEST_TOP, most > 0 ? 2 ** Math.ceil(Math.log2(most)) : 0);
  }

  #drawAll() {
    for (const mark of this.marks) {
      this.siblings.meet(mark.name, (model) => this.#draw(mark, model));
    }
    this.emit();
  }

  /**
   * @param {ChartsPart} part
   * @param {[string, number][]} models
   * @param {DataView | ArrayBuffer} points those of the newest slots
   */
  #lay({ slots = 0, window = WINDOW, charts = [] }, models, points) {
    const view = points instanceof DataView ? points : new DataView(points);
    const count = models.reduce((sum, [, lines]) => sum + lines, 0);
    const filled = count ? view.byteLength / (4 * count) : 0;
    if (!Number.isInteger(filled) || filled > slots) {
      return;
    }
    Object.assign(this, { slots, window, filled });
    this.lines = Array.from({ length: count }, (_, line) => {
      const made = new Float32Array(slots).fill(NaN);
      for (let slot = 0; slot < filled; slot++) {
        made[slots - filled + slot] = view.getFloat32(4 * (line * filled + slot), true);
      }
      return made;
    });
    let first = 0;
    this.marks = models.map(([name, lines]) => ({ name, first, end: (first += lines), drawn: null }));
    let at = 0;
    this.charts = charts.map((words) => ({
      words,
      series: words.series.map(([label, lines]) => ({ label, first: at, end: (at += lines) })),
    }));
  }

  /**
   * @param {number} slots
   * @param {(number | null)[]} values
   */
  #shift(slots, values) {
    this.events.age(slots * this.slot);
    for (const [at, line] of this.lines.entries()) {
      const gone = Math.min(Math.max(0, slots), line.length);
      line.copyWithin(0, gone);
      line.fill(NaN, line.length - Math.max(1, gone));
      line[line.length - 1] = values[at] ?? NaN;
    }
    this.moved += slots;
    this.filled = Math.min(this.slots, Math.max(1, this.filled + slots));
  }

  /** The first slot that is shown; the one before it is drawn too, so that a line begins at the chart's edge. */
  #first() {
    return Math.max(0, this.slots - 2 - Math.ceil(this.shown / this.slot));
  }

  /**
   * @param {Mark} mark
   * @param {StatefulModel} model
   */
  #draw(mark, model) {
    const chart = this.charts.find(({ series }) => series.some(({ first }) => first === mark.first));
    const { x, y } = model.get("scales") ?? {};
    if (typeof x === "string") {
      // A front end that has bqplot's models without bqplot: nothing draws them.
      return;
    }
    const top = chart ? this.top(chart) : (y?.get("max") ?? 100);
    const places = this.#places();
    const lines = this.lines.slice(mark.first, mark.end).map((line, at) => {
      const of = chart?.series.find(({ first, end }) => first <= mark.first + at && mark.first + at < end);
      const off = of !== undefined && this.hidden.has(`${chart?.words.key}/${of.label}`);
      return off ? new Float32Array(places.length).fill(NaN) : reduced(line, places);
    });
    const as = `${top} ${this.shown} ${places.length}`;
    const { drawn } = mark;
    if (drawn?.as === as && lines.every((line, at) => looksLike(line, drawn.lines[at], (UNSEEN / this.height) * top))) {
      return;
    }
    mark.drawn = { as, lines };
    if (x?.get("min") !== -this.shown) {
      x?.set?.("min", -this.shown);
    }
    if (y?.get("max") !== top) {
      y?.set?.("max", top);
    }
    this.siblings.give(model, {
      x: Float32Array.from(places, (place) => (place + 1 - this.slots) * this.slot),
      y: lines.map((line) => drawable(line)),
    });
  }

  /** The last slot of each point that is drawn. */
  #places() {
    const step = Math.ceil((this.slots - this.#first()) / MOST_POINTS);
    const places = [];
    for (let place = this.#first(); place < this.slots; place++) {
      // Whole numbers of slots since the beginning: or the highest of several would change with each tick.
      if ((place + this.moved + 1) % step === 0 || place === this.slots - 1) {
        places.push(place);
      }
    }
    return places;
  }
}

/** @param {ArrayLike<number | null>} values @returns {number | null} the largest that is known */
function highest(values) {
  let found = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? NaN;
    if (value > found) {
      found = value;
    }
  }
  return Number.isFinite(found) ? found : null;
}

/**
 * The highest value of each stretch of a line: a peak is seen in any span.
 * @param {Float32Array} line
 * @param {number[]} places the last slot of each stretch
 */
function reduced(line, places) {
  return Float32Array.from(places, (place, at) => {
    const before = places[at - 1] ?? place - 1;
    return place - before === 1 ? (line[place] ?? NaN) : (highest(line.subarray(before + 1, place + 1)) ?? NaN);
  });
}

/**
 * @param {Float32Array} line
 * @param {Float32Array | undefined} drawn
 * @param {number} unseen a difference that cannot be seen
 */
function looksLike(line, drawn, unseen) {
  return (
    line.length === drawn?.length &&
    line.every((value, at) => {
      const before = /** @type {number} */ (drawn[at]);
      return Number.isNaN(value) ? Number.isNaN(before) : Math.abs(value - before) < unseen;
    })
  );
}

/** @param {Float32Array} line */
function drawable(line) {
  const copy = line.slice();
  if (copy.every(Number.isNaN)) {
    copy[0] = copy[copy.length - 1] = OUT_OF_SIGHT;
  }
  return copy;
}
