/**
 * The charts of one dashboard: the span that they show, which of them is large, and the values and the time under the
 * pointer, or where the arrow keys are. The line is in all charts at the same moment.
 */

import { element, setAttribute, setHidden, setText, uniqueId } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { MOMENT } from "../ui/past_events.js";
import { ChartFrame, spanWords } from "./chart_frame.js";

/** @import { ChartPoints } from "../connection/chart_points.js" */

/**
 * @typedef {object} ChartChoices
 * @property {number | null} span seconds, null for no charts
 * @property {string[]} hidden keys of series
 */

/** @type {[seconds: number | null, label: string][]} */
const SPANS = [
  [60, "1 min"],
  [300, "5 min"],
  [900, "15 min"],
  [Infinity, "all"],
  [null, "no charts"],
];

/** Pixels of a chart's height, as in styles/charts.css. */
const [USUAL, LARGE] = [56, 220];

/** Milliseconds from one look for charts that are still loading to the next. */
const RETRY = 500;

/** @type {ChartChoices} */
export const FIRST_CHARTS = { span: 300, hidden: [] };

export class ChartsView {
  /**
   * @param {ChartPoints} points
   * @param {ChartChoices} choices
   * @param {Record<string, [warning: number, critical: number]>} thresholds by the charts' keys
   */
  constructor(points, choices, thresholds) {
    this.points = points;
    this.thresholds = thresholds;
    this.choices = choices;
    /** @type {HTMLElement | null} */
    this.dashboard = null;
    /** @type {HTMLElement | null} */
    this.place = null;
    /** @type {ChartFrame[]} */
    this.frames = [];
    this.large = "";
    /** @type {{ frame: ChartFrame, ago: number } | null} */
    this.moment = null;
    this.select = element("select", { class: "pw-select pw-span", "aria-label": "Chart span", title: "Chart span" });
    this.select.append(...SPANS.map(([seconds, label]) => element("option", { value: String(seconds) }, label)));
    this.select.value = String(choices.span);
    this.select.addEventListener("change", () => {
      const chosen = SPANS.find(([seconds]) => String(seconds) === this.select.value);
      this.choices.span = chosen?.[0] ?? null;
      this.#choose();
    });
    this.tip = element("div", { class: "pw-tip", role: "tooltip", id: uniqueId("tip"), hidden: true });
    this.when = element("div", { class: "pw-tip-when" });
    this.values = element("div");
    this.tip.append(this.when, this.values);
    this.spoken = element("div", { class: "pw-unseen", "aria-live": "polite" });
    this.retry = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
    this.stop = points.follow(() => this.refresh());
  }

  /** @param {HTMLElement} dashboard */
  attach(dashboard) {
    this.dashboard = dashboard;
    dashboard.addEventListener(MOMENT, () => this.refresh());
    this.#choose();
  }

  /** @param {Record<string, [warning: number, critical: number]>} thresholds by the charts' keys */
  setThresholds(thresholds) {
    this.thresholds = thresholds;
    this.frames.forEach((frame) => frame.setBounds(thresholds[frame.chart.words.key]));
  }

  remove() {
    this.stop();
    clearTimeout(this.retry);
    this.#leave();
    this.tip.remove();
    this.spoken.remove();
  }

  /** Follow the points, and find the charts when they have come or come anew. */
  refresh() {
    clearTimeout(this.retry);
    if (!this.place?.isConnected) {
      this.#find();
      if (this.place === null && this.points.past) {
        // They may still be loading, and no next reading will call again.
        this.retry = setTimeout(() => this.refresh(), RETRY);
      }
    }
    this.frames.forEach((frame) => frame.refresh());
    if (this.moment) {
      this.#show(this.moment.frame, this.moment.ago);
    } else {
      this.#cutPast();
    }
  }

  #find() {
    const place = this.dashboard?.querySelector(".procwidget-charts");
    if (!(place instanceof HTMLElement) || this.points.charts.length === 0) {
      return;
    }
    const boxes = this.points.charts.map(({ words }) => place.querySelector(`.procwidget-chart-${words.key}`));
    if (boxes.some((box) => !(box instanceof HTMLElement))) {
      return;
    }
    this.#leave();
    this.place = place;
    /** @type {import("./chart_frame.js").Callbacks} */
    const on = {
      look: (frame, ago, how) => this.#look(frame, ago, how),
      leave: () => this.#leave(),
      toggle: (name) => this.#toggle(name),
      enlarge: (key) => this.#enlarge(this.large === key ? "" : key),
    };
    this.frames = this.points.charts.map(
      (chart, at) =>
        new ChartFrame(
          /** @type {HTMLElement} */ (boxes[at]),
          chart,
          this.points,
          on,
          this.thresholds[chart.words.key],
        ),
    );
    place.append(this.tip, this.spoken);
    this.#enlarge(this.large);
  }

  #choose() {
    const { span, hidden } = this.choices;
    if (this.dashboard) {
      this.dashboard.dataset["charts"] = span === null ? "off" : "on";
    }
    this.points.choose({ span: span ?? this.points.span, hidden: new Set(hidden) });
  }

  /** @param {string} name of a series */
  #toggle(name) {
    const { hidden } = this.choices;
    this.choices.hidden = hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name];
    this.#choose();
  }

  /** @param {string} key of a chart, "" for none */
  #enlarge(key) {
    this.large = key;
    this.#leave();
    if (this.place) {
      setAttribute(this.place, "data-large", key || null);
      this.frames.forEach((frame) => frame.setLarge(frame.chart.words.key === key));
      this.points.choose({ height: key ? LARGE : USUAL });
    }
  }

  /**
   * @param {ChartFrame} frame
   * @param {number} ago seconds before now
   * @param {"pointer" | "keys"} how
   */
  #look(frame, ago, how) {
    if (frame !== this.moment?.frame) {
      this.#leave();
    }
    this.moment = { frame, ago };
    const text = this.#show(frame, ago);
    setAttribute(frame.place, "aria-describedby", this.tip.id);
    if (how === "keys") {
      setText(this.spoken, text);
    }
  }

  /**
   * @param {ChartFrame} frame
   * @param {number} ago seconds before now
   */
  #show(frame, ago) {
    this.frames.forEach((each) => each.cut(ago));
    const back = Math.round(ago);
    const values = frame.valuesAt(ago);
    setAttribute(this.tip, "data-chart", frame.chart.words.key);
    const since = this.points.past ? "" : back > 0 ? `, ${spanWords(back)} ago` : ", now";
    setText(this.when, `${clock(this.points.time - ago)}${since}`);
    if (this.values.childElementCount !== values.length) {
      this.values.replaceChildren(
        ...values.map(() => element("div", { class: "pw-tip-value" }, element("span"), element("b"))),
      );
    }
    for (const [at, { label, text }] of values.entries()) {
      const line = this.values.children[at];
      setAttribute(/** @type {Element} */ (line), "data-series", String(at));
      setText(/** @type {HTMLElement} */ (line?.firstElementChild), label);
      setText(/** @type {HTMLElement} */ (line?.lastElementChild), text);
    }
    setHidden(this.tip, false);
    this.#place(frame, ago);
    return `${frame.chart.words.label} at ${this.when.textContent}: ${values.map(({ label, text }) => `${label} ${text}`).join(", ")}`;
  }

  /**
   * Put the tooltip beside the moment, inside the dashboard.
   * @param {ChartFrame} frame
   * @param {number} ago
   */
  #place(frame, ago) {
    const { tip, place } = this;
    const room = place?.getBoundingClientRect();
    const plot = frame.plot.getBoundingClientRect();
    if (room) {
      const x = plot.left - room.left + plot.width * (1 - ago / this.points.shown);
      const after = x + 12 + tip.offsetWidth <= room.width;
      tip.style.left = `${Math.max(0, after ? x + 12 : x - 12 - tip.offsetWidth)}px`;
      tip.style.top = `${plot.top - room.top + Math.min(24, plot.height / 2)}px`;
    }
  }

  /** Draw a line at the past moment that is shown, and none where the present is. */
  #cutPast() {
    const past = Number(this.dashboard?.dataset["past"] ?? NaN);
    const ago = this.points.time - past;
    const inSight = ago >= 0 && ago <= this.points.shown;
    this.frames.forEach((frame) => frame.cut(inSight ? ago : null));
  }

  #leave() {
    this.moment?.frame.place.removeAttribute("aria-describedby");
    this.moment = null;
    this.#cutPast();
    setHidden(this.tip, true);
  }
}
