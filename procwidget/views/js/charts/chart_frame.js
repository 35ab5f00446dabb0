/**
 * What is around one chart that bqplot draws: its axis in words, the names of its series, which switch them on and off,
 * and the line under the pointer. The chart's element comes from Python and may come late, or anew.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { clock, networkRate, percentOf, rate } from "../ui/format.js";
import { BETWEEN, GO_TO } from "../ui/past_events.js";
import { CellBands } from "./cell_bands.js";

/** @import { ChartOf, ChartPoints } from "../connection/chart_points.js" */

/**
 * @typedef {object} Callbacks
 * @property {(frame: ChartFrame, ago: number, how: "pointer" | "keys") => void} look called to show a moment
 * @property {() => void} leave
 * @property {(key: string) => void} toggle called to show a series, or to hide it
 * @property {(key: string) => void} enlarge
 */

/** Slots that Page Up and Page Down move by. */
const PAGE = 10;

/** Pixels that a pressed pointer moves at least to choose an interval; with less it chooses a moment. */
const DRAGGED = 8;

export class ChartFrame {
  /**
   * @param {HTMLElement} place the chart's element
   * @param {ChartOf} chart
   * @param {ChartPoints} points
   * @param {Callbacks} on
   * @param {[warning: number, critical: number]} [bounds] percent from which its value is high
   */
  constructor(place, chart, points, on, bounds) {
    this.place = place;
    this.chart = chart;
    this.points = points;
    this.on = on;
    /** Seconds before now that are looked at. */
    this.ago = 0;
    const { label, key } = chart.words;
    this.cross = element("div", { class: "pw-cross", "aria-hidden": "true", hidden: true });
    /** What is dragged over. */
    this.band = element("div", { class: "pw-band", hidden: true });
    this.from = element("span", { class: "pw-axis-from" });
    this.to = element("span", { class: "pw-axis-to" });
    this.marks = [1, 0.5, 0].map((part) => element("span", { class: "pw-axis-mark", "data-part": String(part) }));
    this.large = button("⤢", () => on.enlarge(key), {
      class: "pw-enlarge",
      "aria-label": `Large chart of ${label}`,
      "aria-pressed": "false",
      title: "Large",
    });
    this.series = chart.series.map((series, at) => {
      const name = `${key}/${series.label}`;
      const made = button(series.label, () => on.toggle(name), {
        class: "pw-series",
        "aria-pressed": "true",
        "data-series": String(at),
        title: `Show or hide: ${series.label}`,
      });
      return { name, element: made };
    });
    this.foot = element(
      "div",
      { class: `pw-axis pw-axis-${chart.words.unit === "percent" ? "percent" : "rate"}` },
      this.from,
      element("span", { class: "pw-series-all" }, ...this.series.map((one) => one.element)),
      this.to,
    );
    this.cells = new CellBands((when) => this.#ask(GO_TO, { when }));
    this.words = element("div", { class: "pw-axis-marks", "aria-hidden": "true" }, ...this.marks);
    place.append(
      this.words,
      this.cells.element,
      this.cross,
      element("div", { class: "pw-band-room", "aria-hidden": "true" }, this.band),
      this.large,
      this.foot,
    );
    this.setBounds(bounds);
    setAttribute(place, "role", "group");
    setAttribute(place, "aria-label", `${label} over time`);
    setAttribute(place, "tabindex", "0");
    this.#listen();
    this.refresh();
  }

  #listen() {
    const { place } = this;
    let pressed = /** @type {number | null} */ (null);
    place.addEventListener("pointermove", (event) => {
      this.#showBand(pressed, event);
      const { left, width, bottom } = this.plot.getBoundingClientRect();
      if (width === 0 || event.clientY > bottom) {
        this.on.leave();
        return;
      }
      const part = Math.min(1, Math.max(0, (event.clientX - left) / width));
      this.on.look(this, (1 - part) * this.points.shown, "pointer");
    });
    place.addEventListener("pointerleave", () => this.on.leave());
    place.addEventListener("pointerdown", (event) => {
      pressed = event.button === 0 && this.plot.contains(/** @type {Node} */ (event.target)) ? event.clientX : null;
    });
    place.addEventListener("pointerup", (event) => {
      if (pressed !== null) {
        const [from, to] = [this.#timeAt(pressed), this.#timeAt(event.clientX)];
        const dragged = Math.abs(event.clientX - pressed) > DRAGGED;
        if (dragged) {
          this.#ask(BETWEEN, { from: Math.min(from, to), to: Math.max(from, to) });
        } else {
          this.#ask(GO_TO, { when: to });
        }
      }
      pressed = null;
      setHidden(this.band, true);
    });
    place.addEventListener("focus", () => place.matches(":focus-visible") && this.on.look(this, 0, "keys"));
    place.addEventListener("blur", () => this.on.leave());
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Show over what was dragged so far.
   * @param {number | null} pressed where the pointer was pressed, in pixels; null for nowhere
   * @param {PointerEvent} event
   */
  #showBand(pressed, { clientX, buttons }) {
    const dragged = pressed !== null && buttons === 1 && Math.abs(clientX - pressed) > DRAGGED;
    setHidden(this.band, !dragged);
    if (dragged) {
      const { left, width } = this.plot.getBoundingClientRect();
      const [from, to] = [Math.min(pressed, clientX), Math.max(pressed, clientX)].map((x) =>
        Math.min(100, Math.max(0, (100 * (x - left)) / (width || 1))),
      );
      this.band.style.left = `${from}%`;
      this.band.style.width = `${(to ?? 0) - (from ?? 0)}%`;
    }
  }

  /**
   * The moment at a place of the page, in Unix seconds.
   * @param {number} x pixels
   */
  #timeAt(x) {
    const { left, width } = this.plot.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (x - left) / (width || 1)));
    return this.points.time - (1 - part) * this.points.shown;
  }

  /**
   * Ask for a past moment, or what happened between two.
   * @param {string} type
   * @param {object} detail
   */
  #ask(type, detail) {
    this.place.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }

  /** What bqplot draws. */
  get plot() {
    return this.place.querySelector(".bqplot") ?? this.place;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target !== this.place || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const { points } = this;
    const { slot, shown } = points;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: this.ago + slot,
      ArrowRight: this.ago - slot,
      PageUp: this.ago + PAGE * slot,
      PageDown: this.ago - PAGE * slot,
      Home: shown,
      End: 0,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      this.on.look(this, Math.min(shown, Math.max(0, to)), "keys");
    } else if (event.key === "Enter") {
      this.on.enlarge(this.chart.words.key);
    } else if (event.key === " ") {
      this.#ask(GO_TO, { when: points.time - this.ago });
    } else if (event.key === "Escape" && this.ago > 0) {
      this.on.leave();
      if (points.past) {
        // It leaves the past moment, too.
        return;
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Draw a line at a moment; null draws none.
   * @param {number | null} ago seconds before now
   */
  cut(ago) {
    setAttribute(this.cross, "hidden", ago === null ? "" : null);
    if (ago !== null) {
      this.ago = ago;
      this.cross.style.setProperty("--pw-at", `${100 * (1 - ago / this.points.shown)}%`);
    }
  }

  /** @param {[warning: number, critical: number]} [bounds] percent from which its value is high */
  setBounds(bounds) {
    for (const [at, name] of /** @type {const} */ (["warning", "critical"]).entries()) {
      const bound = bounds?.[at];
      if (bound !== undefined) {
        this.place.style.setProperty(`--pw-${name}-part`, `${100 - bound}%`);
      }
    }
  }

  /** The words for its values. */
  get inWords() {
    return { percent: percentOf, rate, network_rate: networkRate }[this.chart.words.unit];
  }

  /** Bring the axis and the names of the series up to date. */
  refresh() {
    const { points, chart } = this;
    const top = points.top(chart);
    this.cells.show(points.cells, points.time, points.shown);
    const { unit } = chart.words;
    setText(this.from, spanWords(points.shown));
    const edge = points.past ? clock(points.time) : "now";
    setText(this.to, unit === "percent" ? edge : `top ${this.inWords(top).replace(".0 ", " ")}`);
    for (const [at, part] of [1, 0.5, 0].entries()) {
      const mark = /** @type {HTMLElement} */ (this.marks[at]);
      setText(mark, this.inWords(top * part));
    }
    for (const one of this.series) {
      setAttribute(one.element, "aria-pressed", String(!points.hidden.has(one.name)));
    }
  }

  /**
   * The values at a moment, in words.
   * @param {number} ago seconds before now
   */
  valuesAt(ago) {
    return this.points.at(this.chart, ago).map(({ label, value }) => ({ label, text: this.inWords(value) }));
  }

  /** @param {boolean} large */
  setLarge(large) {
    setAttribute(this.large, "aria-pressed", String(large));
  }
}

/** @param {number} seconds */
export function spanWords(seconds) {
  return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 6) / 10} min`;
}
