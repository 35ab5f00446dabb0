/**
 * Small line charts in the details of one process, as SVG. A gap in the readings is a gap in the line, and the page is
 * touched only where a line changes.
 */

import { GAP_AFTER } from "../rows/row.js";
import { setAttribute, svg } from "../ui/dom.js";

/**
 * The line through values, as the `d` of an SVG path. Empty when nothing is known.
 * @param {number[]} times rising
 * @param {(number | null)[]} values unknown is a gap
 * @param {{ width: number, height: number, top: number }} box `top` is the value at its upper edge
 */
export function path(times, values, { width, height, top }) {
  const first = times[0] ?? 0;
  const span = (times[times.length - 1] ?? 0) - first || 1;
  const steps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  const usual = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  let d = "";
  let before = /** @type {number | null} */ (null);
  for (const [at, time] of times.entries()) {
    const value = values[at] ?? null;
    if (value === null || Number.isNaN(value)) {
      before = null;
      continue;
    }
    const x = ((time - first) / span) * width;
    const y = height - (Math.min(value, top) / top) * height;
    const joined = before !== null && time - before <= GAP_AFTER * usual;
    // A single point is a line of no length, which its round cap draws as a dot.
    d += `${joined ? "L" : `M${x.toFixed(1)} ${y.toFixed(1)}L`}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = time;
  }
  return d;
}

export class LineChart {
  /**
   * @param {string} name
   * @param {(value: number | null) => string} say
   * @param {number} least what the upper edge is at least
   */
  constructor(name, say, least) {
    this.name = name;
    this.say = say;
    this.least = least;
    this.line = svg("path", { class: "pw-chart-line", "vector-effect": "non-scaling-stroke" });
    this.element = svg("svg", { class: "pw-chart", role: "img", viewBox: "0 0 300 60", preserveAspectRatio: "none" });
    this.element.append(this.line);
  }

  /**
   * @param {number[]} times
   * @param {(number | null)[]} values
   * @returns {string} the figures in words
   */
  draw(times, values) {
    const highest = values.reduce((most, value) => (value !== null && value > (most ?? -1) ? value : most), null);
    const top = Math.max(this.least, highest ?? 0) * 1.05;
    setAttribute(this.line, "d", path(times, values, { width: 300, height: 60, top }));
    const words = `now ${this.say(values[values.length - 1] ?? null)}, highest ${this.say(highest)}`;
    setAttribute(this.element, "aria-label", `${this.name} since first seen: ${words}`);
    return words;
  }
}
