/**
 * The heads of the cards, changed in place with each reading: the meters of CPU, memory and swap, the strip of cores,
 * and the rates of disk and network. Each meter says its level in words, and has ticks where warning and critical
 * begin. The charts below belong to the same cards and are other widgets: styles/meters.css and charts.css join them.
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
 * @property {string} [card] the card that it is in, the first in each being the large one; its own without a name
 * @property {boolean} [below] whether it is no card of the host's, but below these
 *
 * @typedef {object} RateReading
 * @property {string} key
 * @property {string} label
 * @property {string} text
 * @property {string} detail
 *
 * @typedef {object} CoreReading
 * @property {number | null} [number] as the system numbers it, which leaves out those that are offline
 * @property {number | null} value
 * @property {Level} level
 */

/** The card that has the strip of cores. */
const OF_CORES = "cpu";

export class Meters {
  constructor() {
    this.element = element("div", { class: "pw-meters" });
    /** @type {Map<string, ReturnType<typeof makeMeter>>} */
    this.meters = new Map();
    /** @type {Map<string, ReturnType<typeof makeRate>>} */
    this.rates = new Map();
    /** The meters and where their levels begin, as they are laid out. */
    this.laid = "";
    /** Meters that are no cards above charts, as of GPUs. */
    this.below = element("div", { class: "pw-meters-below", hidden: true });
    this.cores = element("div", { class: "pw-core-bars", role: "img" });
    this.strip = new CoreStrip();
    /** The busiest of many by its number. */
    this.coresText = element("div", { class: "pw-cores-text" });
  }

  /**
   * @param {MeterReading[]} readings
   * @param {CoreReading[]} cores
   * @param {RateReading[]} [rates]
   */
  show(readings, cores, rates = []) {
    const laid = [...readings.map(({ key, bounds }) => `${key} ${bounds}`), ...rates.map(({ key }) => key)].join();
    if (laid !== this.laid) {
      this.laid = laid;
      this.#make(readings, rates);
    }
    for (const reading of readings) {
      this.meters.get(reading.key)?.show(reading);
    }
    for (const rate of rates) {
      this.rates.get(rate.key)?.show(rate);
    }
    this.#showCores(cores);
  }

  /**
   * @param {MeterReading[]} readings
   * @param {RateReading[]} rates
   */
  #make(readings, rates) {
    this.meters = new Map(readings.map((reading) => [reading.key, makeMeter(reading)]));
    this.rates = new Map(rates.map((rate) => [rate.key, makeRate(rate)]));
    /** @type {Map<string, HTMLElement>} */
    const cards = new Map();
    const below = readings.filter((reading) => reading.below);
    this.below.replaceChildren(...below.map(({ key }) => /** @type {HTMLElement} */ (this.meters.get(key)?.meter)));
    setHidden(this.below, below.length === 0);
    for (const { key, card: name = key } of readings.filter((reading) => !reading.below)) {
      const card = cards.get(name) ?? element("div", { class: "pw-card", "data-card": name });
      card.append(/** @type {HTMLElement} */ (this.meters.get(key)?.meter));
      if (name === OF_CORES) {
        card.append(this.cores, this.strip.element, this.coresText);
      }
      cards.set(name, card);
    }
    for (const [name, { parts }] of this.rates) {
      cards.set(name, element("div", { class: "pw-card", "data-card": name }, ...parts));
    }
    if (!cards.has(OF_CORES)) {
      cards.values().next().value?.append(this.cores, this.strip.element, this.coresText);
    }
    this.element.replaceChildren(...cards.values());
  }

  /** @param {CoreReading[]} cores */
  #showCores(cores) {
    const many = cores.length >= MANY;
    setHidden(this.cores, many || cores.length === 0);
    setAttribute(this.strip.element, "hidden", many ? null : "");
    const values = cores.flatMap(({ value }) => (value === null ? [] : [value]));
    const critical = cores.filter((core) => core.level === "critical").length;
    // Of many the number is said: among hundreds of cells nobody counts.
    const most = many ? worst(cores, 1) : `busiest ${Math.floor(Math.max(...values))} %`;
    const busiest = values.length ? `${most}${critical ? `, ${critical} critical` : ""}` : "";
    setText(this.coresText, many ? busiest : "");
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
      fillTo(/** @type {HTMLElement} */ (core.firstElementChild), (reading.value ?? 0) / 100);
    }
  }
}

/**
 * @param {HTMLElement} fill
 * @param {number} part from 0 to 1; what it changes by less than a thousandth no screen shows
 */
function fillTo(fill, part) {
  const transform = `scaleX(${Math.round(part * 1000) / 1000})`;
  if (fill.style.transform !== transform) {
    fill.style.transform = transform;
  }
}

/** @param {string} label */
function makeHead(label) {
  const value = element("span", { class: "pw-meter-value" });
  const word = element("span", { class: "pw-meter-word" });
  const detail = element("span", { class: "pw-meter-detail" });
  const name = element("span", { class: "pw-meter-label" }, label);
  return { value, word, detail, head: element("div", { class: "pw-meter-head" }, name, value, word, detail) };
}

/** @param {MeterReading} first */
function makeMeter(first) {
  const { value, word, detail, head } = makeHead(first.label);
  const fill = element("div", { class: "pw-meter-fill" });
  const track = element("div", { class: "pw-meter-track" }, fill);
  const meter = element(
    "div",
    { class: "pw-meter", role: "meter", "aria-label": first.label, "aria-valuemin": "0", "data-key": first.key },
    head,
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
      if (meter.parentElement?.firstElementChild === meter) {
        setAttribute(meter.parentElement, "data-level", reading.level);
      }
      setAttribute(meter, "aria-valuemax", String(reading.max));
      // A meter must have a value; where it is unknown, the text says so, which is what screen readers read.
      setAttribute(meter, "aria-valuenow", (reading.value ?? 0).toFixed(1));
      const text = reading.value === null ? "unknown" : reading.text;
      setAttribute(meter, "aria-valuetext", [text, reading.detail, level].filter(Boolean).join(", "));
      fillTo(fill, Math.min(1, (reading.value ?? 0) / reading.max));
    },
  };
}

/** @param {RateReading} first */
function makeRate(first) {
  const { value, detail, head } = makeHead(first.label);
  return {
    // Both of its rates have a line of their own, for together they are long.
    parts: [head, detail],
    /** @param {RateReading} reading */
    show(reading) {
      setText(value, reading.text);
      setText(detail, reading.detail);
      setAttribute(detail, "title", reading.detail || null);
    },
  };
}
