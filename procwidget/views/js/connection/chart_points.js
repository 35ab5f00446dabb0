/**
 * Moves the live charts on: keeps the points of their lines, takes the new ones that come with each frame from
 * views/charts.py, and writes them to the models of bqplot's marks. Each line has a fixed number of slots, oldest
 * first; NaN is a gap. A mark is drawn once a tick, and not at all when none of its points would move by as much as
 * can be seen.
 */

import { ChartMarks } from "./chart_marks.js";

/** @import { SiblingModels } from "./sibling_models.js" */
/** @import { ChartsPart } from "./protocol.js" */
/** @import { StatefulModel } from "../types.js" */

/** Seconds that a chart shows, as in views/charts.py. */
const WINDOW = 300;

/** Pixels from the bottom of a chart to its top, and how few of them nobody sees. */
const HEIGHT = 112;
const UNSEEN = 0.5;

/** Where a line without any value has its ends, because bqplot cannot draw nothing. */
const OUT_OF_SIGHT = -1e15;

/**
 * @typedef {object} Mark some lines that are one mark of bqplot's
 * @property {string} name of its model
 * @property {number} first of its lines
 * @property {number} end
 * @property {Float32Array[] | null} drawn its lines as they were drawn last, null for never
 */

export class ChartPoints {
  /** @param {SiblingModels} siblings */
  constructor(siblings) {
    this.siblings = siblings;
    this.events = new ChartMarks(siblings, WINDOW);
    /** @type {Float32Array[]} */
    this.lines = [];
    /** @type {Mark[]} */
    this.marks = [];
  }

  /**
   * @param {ChartsPart} part
   * @param {DataView | ArrayBuffer | undefined} points all of them, where the part is whole
   */
  take(part, points) {
    if (part.models !== undefined && points !== undefined) {
      this.#lay(part.models, part.slots ?? 0, points);
    } else if (part.values !== undefined && part.values.length === this.lines.length) {
      this.#shift(part.shift ?? 1, part.values);
    } else {
      return;
    }
    if (part.marks !== undefined) {
      this.events.take(part.marks);
    }
    for (const mark of this.marks) {
      this.siblings.meet(mark.name, (model) => this.#draw(mark, model));
    }
  }

  /**
   * @param {[string, number][]} models
   * @param {number} slots
   * @param {DataView | ArrayBuffer} points
   */
  #lay(models, slots, points) {
    const view = points instanceof DataView ? points : new DataView(points);
    const count = models.reduce((sum, [, lines]) => sum + lines, 0);
    if (view.byteLength !== 4 * count * slots) {
      return;
    }
    this.lines = Array.from({ length: count }, (_, line) =>
      Float32Array.from({ length: slots }, (_, slot) => view.getFloat32(4 * (line * slots + slot), true)),
    );
    let first = 0;
    this.marks = models.map(([name, lines]) => ({ name, first, end: (first += lines), drawn: null }));
  }

  /**
   * @param {number} slots
   * @param {(number | null)[]} values
   */
  #shift(slots, values) {
    this.events.age((slots * WINDOW) / (this.lines[0]?.length ?? 1));
    for (const [at, line] of this.lines.entries()) {
      const gone = Math.min(Math.max(0, slots), line.length);
      line.copyWithin(0, gone);
      line.fill(NaN, line.length - Math.max(1, gone));
      line[line.length - 1] = values[at] ?? NaN;
    }
  }

  /**
   * @param {Mark} mark
   * @param {StatefulModel} model
   */
  #draw(mark, model) {
    const lines = this.lines.slice(mark.first, mark.end);
    const scale = model.get("scales")?.y;
    const highest = Math.max(0, ...lines.flatMap((line) => [...line].filter(Number.isFinite)));
    if (highest > (scale?.get("max") ?? 100)) {
      // What the kernel said of the axis was lost, as while the page was loading: until it says more, all is in sight.
      scale?.set?.("max", highest);
    }
    const top = scale?.get("max") ?? 100;
    const { drawn } = mark;
    if (drawn !== null && lines.every((line, at) => looksLike(line, drawn[at], (UNSEEN / HEIGHT) * top))) {
      return;
    }
    mark.drawn = lines.map((line) => line.slice());
    const slots = lines[0]?.length ?? 0;
    // Both at once, for bqplot draws at each change.
    model.set_state({
      ...(model.get("x")?.length === slots ? {} : { x: axis(slots) }),
      y: lines.map((line) => drawable(line)),
    });
  }
}

/** @param {number} slots */
function axis(slots) {
  return Float32Array.from({ length: slots }, (_, slot) => WINDOW * (slot / (slots - 1) - 1));
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
