/**
 * The list of alerts, the worst first. Its height is fixed, so that nothing below moves when an alert comes or goes. A
 * screen reader is told only of new critical alerts; the others are there to be read.
 */

import { element, setAttribute, setHidden, setText } from "../ui/dom.js";

/** @import { Level } from "../types.js" */

/** Figures with units, which change between readings while the alert is the same. */
const FIGURES = /\d[\d.,]*\s?(%|[KMGTP]?i?B|d|h|min|s|processes)(?![a-z])/g;

/** @param {string} text */
function without(text) {
  return text.replace(FIGURES, "").replace(/\s+/g, " ");
}

export class Alerts {
  /** @param {(text: string) => void} speak */
  constructor(speak) {
    this.speak = speak;
    this.list = element("div", { class: "pw-alerts", role: "list", "aria-label": "Alerts", tabindex: "0" });
    this.none = element("div", { class: "pw-no-alerts" }, "No alerts");
    this.element = element("div", { class: "pw-alert-box" }, this.none, this.list);
    this.list.hidden = true;
    /** @type {Set<string>} */
    this.critical = new Set();
  }

  /**
   * @param {{ level: Level, text: string }[]} alerts all but the first, which the sentence says
   * @param {{ level: Level, text: string }} [sentence]
   */
  show(alerts, sentence) {
    setText(this.none, sentence && sentence.level !== "normal" ? "No other alerts" : "No alerts");
    setHidden(this.none, alerts.length > 0);
    setHidden(this.list, alerts.length === 0);
    while (this.list.childElementCount > alerts.length) {
      this.list.lastElementChild?.remove();
    }
    while (this.list.childElementCount < alerts.length) {
      this.list.append(element("div", { role: "listitem" }));
    }
    for (const [at, { level, text }] of alerts.entries()) {
      const item = /** @type {HTMLElement} */ (this.list.children[at]);
      setText(item, text);
      setAttribute(item, "data-level", level);
    }
    const critical = (sentence ? [sentence, ...alerts] : alerts).filter(({ level }) => level === "critical");
    const fresh = critical.filter(({ text }) => !this.critical.has(without(text)));
    if (fresh.length > 0) {
      this.speak(`Critical: ${fresh.map(({ text }) => text).join(". ")}`);
    }
    this.critical = new Set(critical.map(({ text }) => without(text)));
  }
}
