/**
 * The list of alerts, the worst first, under a button that says how many there are. The sentence beside it names the
 * worst, so of a single one there is no list. A screen reader is told only of new critical alerts; the others are there
 * to be read.
 */

import { Disclosure } from "../ui/disclosure.js";
import { element, setAttribute, setHidden, setText, uniqueId } from "../ui/dom.js";

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
    const panel = element("div", { class: "pw-alert-box", id: uniqueId("alerts") }, this.list);
    this.disclosure = new Disclosure("Alerts", panel, { opened: () => this.list.focus() });
    this.element = this.disclosure.element;
    this.element.classList.add("pw-alert-list");
    this.element.hidden = true;
    /** @type {Set<string>} */
    this.critical = new Set();
  }

  /**
   * @param {{ level: Level, text: string }[]} alerts
   * @param {number} [count] how many there are, with those that are not listed
   */
  show(alerts, count = alerts.length) {
    const few = alerts.length < 2;
    if (few && this.disclosure.open) {
      this.disclosure.show(false);
    }
    setHidden(this.element, few);
    setText(this.disclosure.button, `${count} alerts`);
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
