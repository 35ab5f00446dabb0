/**
 * Alerts in words enter, the worst first; a list of fixed height leaves, so that nothing below moves when one comes or
 * goes. Only a critical alert that is new is spoken: the others are there to be read.
 */

import { element, setAttribute, setHidden, setText } from "./dom.js";

/** @import { Level } from "./types.js" */

/** A figure with its unit, which changes from reading to reading while the alert stays the same. */
const FIGURES = /\d[\d.,]*\s?(%|[KMGTP]?i?B|d|h|min|s)(?![a-z])/g;

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

  /** @param {{ level: Level, text: string }[]} alerts */
  show(alerts) {
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
    const critical = alerts.filter(({ level }) => level === "critical");
    const fresh = critical.filter(({ text }) => !this.critical.has(without(text)));
    if (fresh.length > 0) {
      this.speak(`Critical: ${fresh.map(({ text }) => text).join(". ")}`);
    }
    this.critical = new Set(critical.map(({ text }) => without(text)));
  }
}
