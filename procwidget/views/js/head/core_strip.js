/**
 * The use of many CPUs as a strip of cells, each as dark as its CPU is busy: 256 fit where as many bars do not. CPUs at
 * a warning or critical level have its colour, and critical ones a rim, so that one among hundreds is seen; the text
 * names the worst by its number. A reading sets one attribute for each shade in which anything changed.
 */

import { setAttribute, svg } from "../ui/dom.js";

/** @import { CoreReading } from "./meters.js" */

/** CPUs from which on bars are too thin to be seen. */
export const MANY = 33;

/** Shades of what is normal: percent from which on each begins. */
const SHADES = [3, 15, 30, 45, 60];

/** CPUs in a row at most. */
const IN_A_ROW = 64;

/** What of a cell its rim takes up, on each side. */
const GAP = 0.06;

/** The most CPUs that the text of the strip names. */
const NAMED = 5;

export class CoreStrip {
  constructor() {
    this.element = /** @type {SVGElement} */ (
      svg("svg", { class: "pw-core-strip", role: "img", preserveAspectRatio: "none" })
    );
    this.shades = new Map(
      [...SHADES.map((_, at) => `shade-${at}`), "warning", "critical"].map((name) => [
        name,
        svg("path", { class: `pw-strip-${name}`, d: "" }),
      ]),
    );
    this.back = svg("path", { class: "pw-strip-back", d: "" });
    // What SVG shows under the pointer is an element of it, no attribute.
    this.title = svg("title", {});
    this.element.append(this.title, this.back, ...this.shades.values());
    this.cores = /** @type {CoreReading[]} */ ([]);
    this.element.addEventListener("pointermove", (event) => this.#point(/** @type {PointerEvent} */ (event)));
    this.element.addEventListener("pointerleave", () => this.#title());
    this.text = "";
    this.pointed = false;
    this.columns = this.rows = 1;
  }

  /** @param {CoreReading[]} cores */
  show(cores) {
    if (cores.length !== this.cores.length) {
      const rows = Math.ceil(cores.length / IN_A_ROW);
      this.columns = Math.ceil(cores.length / rows);
      this.rows = rows;
      setAttribute(this.element, "viewBox", `0 0 ${this.columns} ${rows}`);
      this.element.style.height = `${Math.max(14, 6 * rows)}px`;
      setAttribute(this.back, "d", cores.map((_, at) => this.#cell(at)).join(""));
    }
    this.cores = cores;
    /** @type {Map<string, string>} */
    const cells = new Map();
    for (const [at, { value, level }] of cores.entries()) {
      const shade = level === "normal" ? SHADES.filter((from) => (value ?? 0) >= from).length - 1 : level;
      const name = typeof shade === "number" ? `shade-${shade}` : shade;
      cells.set(name, (cells.get(name) ?? "") + this.#cell(at));
    }
    for (const [name, path] of this.shades) {
      setAttribute(path, "d", cells.get(name) ?? "");
    }
    this.text = worst(cores, NAMED);
    if (!this.pointed) {
      this.#say(this.text);
    }
  }

  /** @param {number} at */
  #cell(at) {
    const { columns } = this;
    const size = 1 - 2 * GAP;
    return `M${(at % columns) + GAP} ${Math.floor(at / columns) + GAP}h${size}v${size}h${-size}z`;
  }

  #title() {
    this.pointed = false;
    this.#say(this.text);
  }

  /** @param {string} text */
  #say(text) {
    if (this.title.textContent !== text) {
      this.title.textContent = text;
    }
  }

  /** @param {PointerEvent} event */
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const { columns, rows } = this;
    const row = Math.floor(((clientY - top) / height) * rows);
    const at = row * columns + Math.floor(((clientX - left) / width) * columns);
    const core = this.cores[at];
    if (core) {
      this.pointed = true;
      this.#say(named(core));
    }
  }
}

/**
 * A CPU with its own number: "Core 137: 100 %".
 * @param {CoreReading} core
 */
export function named({ number, value }) {
  const name = typeof number === "number" ? `Core ${number}` : "A core";
  return `${name}: ${value === null ? "—" : `${Math.floor(value)} %`}`;
}

/**
 * The busiest CPUs by name, the busiest first.
 * @param {CoreReading[]} cores
 * @param {number} count
 */
export function worst(cores, count) {
  const busiest = cores.filter(({ value }) => value !== null).sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  return busiest.slice(0, count).map(named).join(", ");
}
