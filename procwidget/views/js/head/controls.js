/**
 * The summary's controls, "Pause" and "Update every", which stand in the toolbar. A chosen interval stays shown until
 * a reading has it, because readings made before it are still on their way.
 */

import { button, element, looksOnly, setAttribute } from "../ui/dom.js";

const INTERVALS = [0.5, 1, 2, 3, 5, 10];

/** Readings with another interval than the chosen one after which the kernel's interval is shown again. */
const PATIENCE = 4;

export class Controls {
  /** @param {{ pause: (paused: boolean) => void, interval: (seconds: number) => void }} callbacks */
  constructor(callbacks) {
    this.callbacks = callbacks;
    const attributes = { class: "pw-button pw-pause", "aria-pressed": "false" };
    this.button = button("Pause", () => this.#turnPause(), attributes);
    this.select = element("select", {
      class: "pw-select pw-every",
      "aria-label": "Update every",
      title: "Update every",
      disabled: looksOnly(),
    });
    this.current = 0;
    this.wanted = /** @type {number | null} */ (null);
    this.others = 0;
    this.element = element("div", { class: "pw-controls" }, this.select, this.button);
    this.select.addEventListener("change", () => {
      this.wanted = Number(this.select.value);
      this.others = 0;
      callbacks.interval(this.wanted);
    });
    this.show(2);
  }

  #turnPause() {
    this.setPause(this.button.getAttribute("aria-pressed") !== "true");
  }

  /** @param {boolean} paused */
  setPause(paused) {
    setAttribute(this.button, "aria-pressed", String(paused));
    this.callbacks.pause(paused);
  }

  /** @param {number} interval seconds that the kernel uses */
  show(interval) {
    if (this.wanted !== null && this.wanted !== interval && ++this.others < PATIENCE) {
      return;
    }
    this.wanted = null;
    if (this.current !== interval) {
      this.current = interval;
      const choices = [...new Set([...INTERVALS, interval])].sort((a, b) => a - b);
      this.select.replaceChildren(
        ...choices.map((seconds) => element("option", { value: String(seconds) }, `${seconds} s`)),
      );
    }
    this.select.value = String(interval);
  }

  /** Go back to the interval that the kernel uses, because it refused the chosen one. */
  refused() {
    this.wanted = null;
    this.select.value = String(this.current);
  }
}
