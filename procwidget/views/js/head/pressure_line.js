/** The line that says in how much of the last interval tasks waited, and for what; the kernel puts it into words. */

import { element, setHidden, setText } from "../ui/dom.js";

/**
 * @typedef {object} PressureReading
 * @property {string} label
 * @property {string} text what there is to say instead of `parts`
 * @property {{ label: string, text: string }[]} parts
 */

const HINT =
  "In how much of the last interval at least one task waited for it, in brackets all: pressure stall information, PSI";

export class PressureLine {
  constructor() {
    this.label = element("span", { class: "pw-pressure-label" });
    this.text = element("span");
    this.element = element("div", { class: "pw-pressure", title: HINT, hidden: true }, this.label, this.text);
  }

  /** @param {PressureReading | undefined} reading */
  show(reading) {
    setHidden(this.element, reading === undefined);
    if (reading === undefined) {
      return;
    }
    setText(this.label, reading.label);
    if (reading.parts.length === 0) {
      setText(this.text, reading.text);
      return;
    }
    const words = reading.parts.map(({ label, text }) => `${label} ${text}`);
    if (this.text.textContent !== words.join("")) {
      this.text.replaceChildren(...words.map((word) => element("span", { class: "pw-pressure-part" }, word)));
    }
  }
}
