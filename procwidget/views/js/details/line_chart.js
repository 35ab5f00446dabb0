/**
 * Small line charts in the details of one process, as SVG, with an axis each way, and the value of a moment under the
 * pointer or, with the focus, where the arrows lead. A click on it, or the space bar, shows all there was then. A gap in the readings is a gap in the line, and the page is touched
 * only where a line changes.
 */

import { GAP_AFTER } from "../rows/row.js";
import { element, setAttribute, setHidden, setText, svg } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { GO_TO } from "../ui/past_events.js";

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

/**
 * The place of the reading nearest to a moment; -1 without any.
 * @param {number[]} times rising
 * @param {number} moment
 */
export function nearest(times, moment) {
  let best = times.length - 1;
  for (const [at, time] of times.entries()) {
    if (Math.abs(time - moment) < Math.abs((times[best] ?? Infinity) - moment)) {
      best = at;
    }
  }
  return best;
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
    /** @type {number[]} */
    this.times = [];
    /** @type {(number | null)[]} */
    this.values = [];
    /** The moment that is looked at, null for none. @type {number | null} */
    this.moment = null;
    this.line = svg("path", { class: "pw-chart-line", "vector-effect": "non-scaling-stroke" });
    this.drawing = svg("svg", { class: "pw-chart", role: "img", viewBox: "0 0 300 60", preserveAspectRatio: "none" });
    this.drawing.append(this.line);
    this.top = element("span", { class: "pw-line-axis-top", "aria-hidden": "true" });
    this.from = element("span");
    this.to = element("span");
    this.mark = element("span", { class: "pw-chart-mark", hidden: true });
    this.tip = element("span", { class: "pw-chart-tip", role: "tooltip", "aria-live": "polite", hidden: true });
    this.area = element("div", { class: "pw-chart-area" }, this.top, this.mark, this.tip);
    this.area.prepend(this.drawing);
    const axis = element("div", { class: "pw-line-axis", "aria-hidden": "true" }, this.from, this.to);
    this.element = element(
      "div",
      { class: "pw-line-chart", role: "group", "aria-label": `${name} of this process over time`, tabindex: "0" },
      this.area,
      axis,
    );
    this.area.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = this.area.getBoundingClientRect();
      const [first = 0] = this.times;
      const last = this.times[this.times.length - 1] ?? 0;
      this.#look(nearest(this.times, first + ((clientX - left) / (width || 1)) * (last - first)));
    });
    this.area.addEventListener("click", () => this.#go());
    this.area.addEventListener("pointerleave", () => this.#look(-1));
    this.element.addEventListener("blur", () => this.#look(-1));
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {number[]} times
   * @param {(number | null)[]} values
   * @param {string} [last] what the newest of them is called
   * @returns {string} the figures in words
   */
  draw(times, values, last = "now") {
    this.times = times;
    this.values = values;
    const highest = values.reduce((most, value) => (value !== null && value > (most ?? -1) ? value : most), null);
    const top = Math.max(this.least, highest ?? 0) * 1.05;
    setAttribute(this.line, "d", path(times, values, { width: 300, height: 60, top }));
    setText(this.top, times.length > 0 ? this.say(top) : "");
    setText(this.from, times.length > 1 ? clock(times[0] ?? 0) : "");
    setText(this.to, times.length > 0 ? clock(times[times.length - 1] ?? 0) : "");
    const words = `${last} ${this.say(values[values.length - 1] ?? null)}, highest ${this.say(highest)}`;
    setAttribute(this.drawing, "aria-label", `${this.name} since first seen: ${words}`);
    if (this.moment !== null) {
      this.#look(nearest(times, this.moment));
    }
    return words;
  }

  /** @param {number} at place of a reading, -1 for none */
  #look(at) {
    const time = this.times[at];
    this.moment = time ?? null;
    setHidden(this.mark, time === undefined);
    setHidden(this.tip, time === undefined);
    if (time !== undefined) {
      const [first = 0] = this.times;
      const share = (time - first) / ((this.times[this.times.length - 1] ?? 0) - first || 1);
      this.area.style.setProperty("--pw-at", `${(share * 100).toFixed(2)}%`);
      this.tip.classList.toggle("pw-tip-left", share > 0.5);
      setText(this.tip, `${clock(time)} · ${this.say(this.values[at] ?? null)}`);
    }
  }

  /** Have the moment that is looked at shown. */
  #go() {
    if (this.moment !== null) {
      this.element.dispatchEvent(new CustomEvent(GO_TO, { bubbles: true, detail: { when: this.moment } }));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.times.length - 1;
    const at = this.moment === null ? last + 1 : this.times.indexOf(this.moment);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: Math.max(0, at - 1),
      ArrowRight: Math.min(last, at + 1),
      Home: 0,
      End: last,
      ...(this.moment === null ? {} : { Escape: -1 }),
    };
    const to = moves[event.key];
    if (to !== undefined || (event.key === " " && this.moment !== null)) {
      if (to === undefined) {
        this.#go();
      } else {
        this.#look(to);
      }
      event.preventDefault();
      event.stopPropagation();
    }
  }
}
