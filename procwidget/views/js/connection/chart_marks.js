/**
 * Moves the marks of events in the charts on, with the lines: takes their ages from views/chart_marks.py when events
 * changed, and writes them to the models of bqplot's labels. Where there are no marks nothing is done.
 */

/** @import { SiblingModels } from "./sibling_models.js" */
/** @import { MarksPart } from "./protocol.js" */

/** How a mark of each level looks: by its shape, and by its colour. @type {Record<string, [sign: string, color: string]>} */
const SIGNS = {
  critical: ["‼\ufe0e", "var(--pw-critical)"],
  warning: ["▲", "var(--pw-warning)"],
  normal: ["◆", "var(--pw-muted)"],
};

/** Where marks stand, from 0 at the bottom of a chart to 1 at its top. */
const HEIGHT = 0.93;

export class ChartMarks {
  /**
   * @param {SiblingModels} siblings
   * @param {number} window seconds that a chart shows
   */
  constructor(siblings, window) {
    this.siblings = siblings;
    this.window = window;
    /** @type {MarksPart} */
    this.charts = [];
  }

  /** @param {MarksPart} part */
  take(part) {
    const before = this.charts;
    this.charts = part;
    for (const [at, [model, marks]] of part.entries()) {
      if (marks.length > 0 || (before[at]?.[1].length ?? 0) > 0) {
        this.#draw(model, marks);
      }
    }
  }

  /** @param {number} seconds by which everything moves into the past */
  age(seconds) {
    for (const chart of this.charts) {
      const [model, marks] = chart;
      if (marks.length > 0) {
        chart[1] = marks
          .map(([age, level]) => /** @type {[number, string]} */ ([age + seconds, level]))
          .filter(([age]) => age <= this.window);
        this.#draw(model, chart[1]);
      }
    }
  }

  /**
   * @param {string} name
   * @param {[age: number, level: string][]} marks
   */
  #draw(name, marks) {
    const signs = marks.map(([, level]) => SIGNS[level] ?? SIGNS["normal"]);
    this.siblings.meet(name, (model) =>
      this.siblings.give(model, {
        x: Float32Array.from(marks, ([age]) => -age),
        y: Float32Array.from(marks, () => HEIGHT),
        text: signs.map((sign) => sign?.[0] ?? ""),
        colors: signs.length > 0 ? signs.map((sign) => sign?.[1] ?? "") : ["var(--pw-muted)"],
      }),
    );
  }
}
