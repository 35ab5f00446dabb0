/**
 * The list of alerts, the worst first, and after them those that are expected, under a button that says how many there
 * are. The sentence beside it says the first, so without others there is no list. A screen reader is told only of new
 * critical alerts; the others are there to be read.
 */

import { AlertItem } from "../events/alert_item.js";
import { Disclosure } from "../ui/disclosure.js";
import { element, setHidden, setText, uniqueId } from "../ui/dom.js";

/** @import { Level } from "../types.js" */
/** @import { AlertReading, Expect, ExpectedReading } from "../events/alert_item.js" */

/** Figures with units, which change between readings while the alert is the same. */
const FIGURES = /\d[\d.,]*\s?(%|[KMGTP]?i?B|d|h|min|s|processes)(?![a-z])/g;

/** @param {string} text */
function without(text) {
  return text.replace(FIGURES, "").replace(/\s+/g, " ");
}

export class Alerts {
  /**
   * @param {(text: string) => void} speak
   * @param {Expect} expect
   */
  constructor(speak, expect) {
    this.speak = speak;
    this.expect = expect;
    this.list = element("div", { class: "pw-alerts", role: "list", "aria-label": "Alerts", tabindex: "0" });
    const panel = element("div", { class: "pw-alert-box", id: uniqueId("alerts") }, this.list);
    this.disclosure = new Disclosure("Alerts", panel, { opened: () => this.list.focus(), redrawn: true });
    this.element = this.disclosure.element;
    this.element.classList.add("pw-alert-list");
    this.element.hidden = true;
    /** @type {Map<string, AlertItem>} */
    this.items = new Map();
    /** @type {Set<string>} */
    this.critical = new Set();
  }

  /**
   * @param {AlertReading[]} alerts all but the first, which the sentence says
   * @param {ExpectedReading[]} [expected]
   * @param {{ level: Level, text: string }} [sentence]
   * @param {number} [count] how many alerts there are, with those that are not listed
   */
  show(alerts, expected = [], sentence, count = alerts.length) {
    const none = alerts.length + expected.length === 0;
    if (none && this.disclosure.open) {
      this.disclosure.show(false);
    }
    setHidden(this.element, none);
    setText(this.disclosure.button, count > 0 ? `${count} more` : `${expected.length} expected`);
    /** @type {Map<string, AlertItem>} */
    const items = new Map();
    for (const alert of alerts) {
      this.#item(items, alert).show(alert);
    }
    for (const one of expected) {
      this.#item(items, one).showExpected(one);
    }
    this.items = items;
    const wanted = [...items.values()].map((item) => item.element);
    // Written only when it differs: an element that is moved loses the focus.
    if (wanted.length !== this.list.childElementCount || wanted.some((one, at) => one !== this.list.children[at])) {
      this.list.replaceChildren(...wanted);
    }
    const critical = (sentence ? [sentence, ...alerts] : alerts).filter(({ level }) => level === "critical");
    const fresh = critical.filter(({ text }) => !this.critical.has(without(text)));
    if (fresh.length > 0) {
      this.speak(`Critical: ${fresh.map(({ text }) => text).join(". ")}`);
    }
    this.critical = new Set(critical.map(({ text }) => without(text)));
  }

  /**
   * The item of an alert, which is the one that it had before.
   * @param {Map<string, AlertItem>} items
   * @param {{ kind?: string, about?: string }} alert
   */
  #item(items, { kind = "", about = "" }) {
    let name = `${kind} ${about}`;
    while (items.has(name)) {
      name += "+";
    }
    const item = this.items.get(name) ?? new AlertItem({ kind, about }, this.expect);
    items.set(name, item);
    return item;
  }
}
