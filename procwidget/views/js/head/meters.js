/**
 * The meters and the strip of cores, changed in place with each reading. Each meter says its level in words, and has
 * ticks where warning and critical begin.
 */

import { element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { CoreStrip, MANY, named, worst } from "./core_strip.js";

/** @import { Level } from "../types.js" */

/**
 * @typedef {object} MeterReading
 * @property {string} key
 * @property {string} label
 * @property {number | null} value
 * @property {number} max
 * @property {string} text
 * @property {string} detail
 * @property {Level} level
 * @property {[warning: number, critical: number]} [bounds]
 *
 * @typedef {object} CoreReading
 * @property {number | null} [number] as the system numbers it, which leaves out those that are offline
 * @property {number | null} value
 * @property {Level} level
 */

export class Meters {
  constructor() {
    this.element = element("div", { class: "pw-meters" });
    /** @type {Map<string, ReturnType<typeof makeMeter>>} */
    this.meters = new Map();
    /** The meters and where their levels begin, as they are laid out. */
    this.laid = "";
    this.cores = element("div", { class: "pw-core-bars", role: "img" });
    this.strip = new CoreStrip();
    this.coresText = element("span", { class: "pw-meter-detail" });
    this.coresBox = element(
      "div",
      { class: "pw-meter pw-cores" },
      element(
        "div",
        { class: "pw-meter-head" },
        element("span", { class: "pw-meter-label" }, "Each core"),
        this.coresText,
      ),
      this.cores,
      this.strip.element,
    );
  }

  /**
   * @param {MeterReading[]} readings
   * @param {CoreReading[]} cores
   */
  show(readings, cores) {
    const laid = readings.map(({ key, bounds }) => `${key} ${bounds}`).join();
    if (laid !== this.laid) {
      this.laid = laid;
      this.meters = new Map(readings.map((reading) => [reading.key, makeMeter(reading)]));
      this.element.replaceChildren(...[...this.meters.values()].map(({ meter }) => meter), this.coresBox);
    }
    for (const reading of readings) {
      this.meters.get(reading.key)?.show(reading);
    }
    this.#showCores(cores);
  }

  /** @param {CoreReading[]} cores */
  #showCores(cores) {
    setHidden(this.coresBox, cores.length === 0);
    const many = cores.length >= MANY;
    setHidden(this.cores, many);
    setAttribute(this.strip.element, "hidden", many ? null : "");
    const values = cores.flatMap(({ value }) => (value === null ? [] : [value]));
    const critical = cores.filter((core) => core.level === "critical").length;
    // Of many the number is said: among hundreds of cells nobody counts.
    const most = many ? worst(cores, 1) : `busiest ${Math.floor(Math.max(...values))} %`;
    const busiest = values.length ? `${most}${critical ? `, ${critical} critical` : ""}` : "";
    setText(this.coresText, busiest);
    setAttribute(
      many ? this.strip.element : this.cores,
      "aria-label",
      `${cores.length} ${cores.length === 1 ? "core" : "cores"}, ${many && busiest ? "busiest " : ""}${busiest || "not known yet"}`,
    );
    if (many) {
      this.strip.show(cores);
    } else {
      this.#showBars(cores);
    }
  }

  /** @param {CoreReading[]} cores */
  #showBars(cores) {
    while (this.cores.childElementCount > cores.length) {
      this.cores.lastElementChild?.remove();
    }
    while (this.cores.childElementCount < cores.length) {
      this.cores.append(
        element("div", { class: "pw-core", "data-level": "normal" }, element("div", { class: "pw-core-fill" })),
      );
    }
    if (this.cores.classList.contains("pw-many") !== cores.length > 24) {
      this.cores.classList.toggle("pw-many");
    }
    for (const [at, reading] of cores.entries()) {
      const core = /** @type {HTMLElement} */ (this.cores.children[at]);
      setAttribute(core, "data-level", reading.level);
      setAttribute(core, "title", named(reading));
      fillTo(/** @type {HTMLElement} */ (core.firstElementChild), "scaleY", (reading.value ?? 0) / 100);
    }
  }
}

/**
 * @param {HTMLElement} fill
 * @param {"scaleX" | "scaleY"} scale
 * @param {number} part from 0 to 1; what it changes by less than a thousandth no screen shows
 */
function fillTo(fill, scale, part) {
  const transform = `${scale}(${Math.round(part * 1000) / 1000})`;
  if (fill.style.transform !== transform) {
    fill.style.transform = transform;
  }
}

/** @param {MeterReading} first */
function makeMeter(first) {
  const value = element("span", { class: "pw-meter-value" });
  const word = element("span", { class: "pw-meter-word" });
  const detail = element("span", { class: "pw-meter-detail" });
  const fill = element("div", { class: "pw-meter-fill" });
  const track = element("div", { class: "pw-meter-track" }, fill);
  const meter = element(
    "div",
    { class: "pw-meter", role: "meter", "aria-label": first.label, "aria-valuemin": "0", "data-key": first.key },
    element(
      "div",
      { class: "pw-meter-head" },
      element("span", { class: "pw-meter-label" }, first.label),
      value,
      word,
      detail,
    ),
    track,
  );
  for (const [name, bound] of [
    ["warning", first.bounds?.[0]],
    ["critical", first.bounds?.[1]],
  ]) {
    if (bound !== undefined) {
      const tick = element("div", { class: "pw-tick", "data-bound": String(name) });
      tick.style.left = `${(Number(bound) / first.max) * 100}%`;
      track.append(tick);
    }
  }
  return {
    meter,
    /** @param {MeterReading} reading */
    show(reading) {
      const level = reading.level === "normal" ? "" : reading.level;
      setText(value, reading.text);
      setText(word, level);
      setText(detail, reading.detail);
      setAttribute(detail, "title", reading.detail || null);
      setAttribute(meter, "data-level", reading.level);
      setAttribute(meter, "aria-valuemax", String(reading.max));
      // A meter must have a value; where it is unknown, the text says so, which is what screen readers read.
      setAttribute(meter, "aria-valuenow", (reading.value ?? 0).toFixed(1));
      const text = reading.value === null ? "unknown" : reading.text;
      setAttribute(meter, "aria-valuetext", [text, reading.detail, level].filter(Boolean).join(", "));
      fillTo(fill, "scaleX", Math.min(1, (reading.value ?? 0) / reading.max));
    },
  };
}
