/**
 * All that was read, or a day of it, as a strip to scrub along: the CPU, the events, and where nothing was read a hole.
 * The slider over it is what is dragged, and what has the keyboard.
 */

import { element, setAttribute, setHidden, setText, svg } from "../ui/dom.js";
import { clock, day } from "../ui/format.js";

/** @import { OverviewAnswer } from "../connection/past_messages.js" */

const HEIGHT = 100;

export class DayStrip {
  /** @param {(time: number) => void} scrub called with Unix seconds while the slider is moved */
  constructor(scrub) {
    /** @type {OverviewAnswer | null} */
    this.overview = null;
    this.shape = svg("svg", { class: "pw-day-shape", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.marks = element("div", { class: "pw-day-marks", "aria-hidden": "true" });
    this.start = element("div", { class: "pw-day-start", hidden: true });
    this.cursor = element("div", { class: "pw-day-cursor" });
    this.pointed = element("div", { class: "pw-day-pointed", hidden: true });
    this.slider = element("input", { class: "pw-day-slider", type: "range", "aria-label": "Time", step: "any" });
    this.from = element("span");
    this.to = element("span");
    this.plot = element(
      "div",
      { class: "pw-day-plot" },
      this.shape,
      this.start,
      this.cursor,
      this.slider,
      this.marks,
      this.pointed,
    );
    this.element = element(
      "div",
      { class: "pw-day" },
      this.plot,
      element("div", { class: "pw-day-ends", "aria-hidden": "true" }, this.from, this.to),
    );
    this.scrub = scrub;
    this.slider.addEventListener("input", () => scrub(Number(this.slider.value)));
    this.plot.addEventListener("pointermove", ({ clientX }) => this.#point(clientX));
    this.plot.addEventListener("pointerleave", () => setHidden(this.pointed, true));
  }

  /**
   * Whether a moment is in the strip.
   * @param {number} time Unix seconds
   */
  has(time) {
    return this.overview !== null && this.overview.from <= time && time <= this.overview.to;
  }

  /** @param {OverviewAnswer} overview */
  show(overview) {
    this.overview = overview;
    const { from, to, width, there, cpu, first, last } = overview;
    Object.assign(this.slider, { min: String(from), max: String(to) });
    const today = day(Date.now() / 1000);
    const words = (/** @type {number} */ time) => (day(time) === today ? clock(time) : `${day(time)} ${clock(time)}`);
    setText(this.from, words(from));
    setText(this.to, words(to));
    // One stretch is one unit wide; the last one may end after the strip does.
    setAttribute(this.shape, "viewBox", `0 0 ${Math.max(1e-3, (to - from) / width)} ${HEIGHT}`);
    // What is still to come is no hole.
    const now = Math.ceil((last - from) / width);
    this.shape.replaceChildren(
      rectangle("pw-day-read", now, there.length),
      ...runs(there.slice(0, now), 0).map(([begin, end]) => rectangle("pw-day-hole", begin, end)),
      ...runs(there, 1).flatMap(([begin, end]) => [rectangle("pw-day-read", begin, end), area(cpu, begin, end)]),
    );
    this.marks.replaceChildren(
      ...overview.marks.map(([time, level, text]) => {
        const mark = element("span", { "data-level": level, title: `${clock(time)} ${text}` });
        mark.style.left = this.#at(time);
        mark.addEventListener("click", () => this.scrub(Math.min(last, Math.max(first, time))));
        return mark;
      }),
    );
  }

  /**
   * Show which moment is shown, and from which one on an interval is chosen.
   * @param {number} time Unix seconds
   * @param {number | null} start
   */
  move(time, start) {
    // Not while it is dragged: the answer is about where it was a moment ago.
    if (!this.slider.matches(":active")) {
      this.slider.value = String(time);
    }
    setAttribute(this.slider, "aria-valuetext", clock(time));
    this.cursor.style.left = this.#at(time);
    setHidden(this.start, start === null);
    if (start !== null) {
      this.start.style.left = this.#at(start);
    }
  }

  /** @param {number} time */
  #at(time) {
    const { from, to } = this.overview ?? { from: 0, to: 1 };
    return `${100 * Math.min(1, Math.max(0, (time - from) / (to - from || 1)))}%`;
  }

  /** @param {number} x pixels of the page */
  #point(x) {
    const { left, width } = this.plot.getBoundingClientRect();
    const { overview } = this;
    if (overview && width > 0) {
      const time = overview.from + Math.min(1, Math.max(0, (x - left) / width)) * (overview.to - overview.from);
      const there = overview.there[Math.floor((time - overview.from) / overview.width)];
      setText(this.pointed, `${clock(time)}${there || time > overview.last ? "" : ", nothing was read"}`);
      this.pointed.style.left = this.#at(time);
      setHidden(this.pointed, false);
    }
  }
}

/**
 * Where a value stands without a break: each from its first place to the one after its last.
 * @param {number[]} values
 * @param {number} wanted
 */
export function runs(values, wanted) {
  /** @type {[begin: number, end: number][]} */
  const found = [];
  for (const [at, value] of values.entries()) {
    if (value !== wanted) {
      continue;
    }
    const run = found[found.length - 1];
    if (run && run[1] === at) {
      run[1] = at + 1;
    } else {
      found.push([at, at + 1]);
    }
  }
  return found;
}

/**
 * @param {string} name
 * @param {number} begin
 * @param {number} end
 */
function rectangle(name, begin, end) {
  const [x, width] = [String(begin), String(Math.max(0, end - begin))];
  return svg("rect", { class: name, x, width, y: "0", height: String(HEIGHT) });
}

/**
 * The CPU of stretches that follow each other.
 * @param {(number | null)[]} cpu percent
 * @param {number} begin
 * @param {number} end
 */
function area(cpu, begin, end) {
  const tops = [];
  for (let at = begin; at < end; at++) {
    const y = HEIGHT - Math.min(HEIGHT, cpu[at] ?? 0);
    tops.push(`${at} ${y.toFixed(1)} ${at + 1} ${y.toFixed(1)}`);
  }
  return svg("path", { class: "pw-day-cpu", d: `M${begin} ${HEIGHT} L${tops.join(" ")} ${end} ${HEIGHT}Z` });
}
