/**
 * The summary's entry: shows the trait "reading", which Python writes in words, as headline, meters, facts, alerts and
 * controls. Pausing is an event for the dashboard around it; a chosen interval is a message to the kernel.
 */

import { lossOf } from "./connection/kernel_loss.js";
import { observePresence } from "./connection/presence.js";
import { chooseInterval, parse } from "./connection/protocol.js";
import { survive } from "./connection/slow_start.js";
import { HeadEvents } from "./events/head_events.js";
import { Alerts } from "./head/alerts.js";
import { Controls } from "./head/controls.js";
import { fillPanel } from "./head/fill_panel.js";
import { Meters } from "./head/meters.js";
import { ASK_PAUSE, freezeCharts, PAUSE, SHARED, thawCharts } from "./head/pause.js";
import { PressureLine } from "./head/pressure_line.js";
import { Staleness } from "./head/staleness.js";
import { connectApart } from "./ui/apart.js";
import { element, setAttribute, setHidden, setText } from "./ui/dom.js";
import { guardKeys } from "./ui/key_guard.js";
import { fillSlots } from "./ui/slots.js";

/** @import { AlertReading } from "./events/alert_item.js" */
/** @import { EventsReading } from "./events/head_events.js" */
/** @import { CoreReading, MeterReading, RateReading } from "./head/meters.js" */
/** @import { PressureReading } from "./head/pressure_line.js" */
/** @import { Level, Model } from "./types.js" */

/**
 * @typedef {object} Reading
 * @property {number} time Unix seconds
 * @property {number} interval seconds
 * @property {{ level: Level, text: string, cause?: import("./types.js").Cause | null }} headline
 * @property {MeterReading[]} meters
 * @property {CoreReading[]} cores
 * @property {RateReading[]} [rates]
 * @property {{ label: string, text: string }[]} facts
 * @property {PressureReading} pressure
 * @property {AlertReading[]} alerts
 * @property {number} [alert_count] how many these are, with those that are not listed
 * @property {string[]} notes
 * @property {{ text: string } | null} cost
 */

class SummaryView {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.dashboard = el;
    this.visible = false;
    this.pausedAt = /** @type {number | null} */ (null);
    this.staleness = new Staleness(model.get("reading"));
    this.drawing = 0;
    this.state = "";
    this.lost = /** @type {string | null} */ (null);
    // What is said aloud of it is in `spoken`: it has another duration each time.
    this.headline = element(
      "div",
      { class: "pw-headline", role: "status", "aria-label": "State", "aria-live": "off", "data-level": "normal" },
      "Waiting for the first reading…",
    );
    this.age = element("span", { class: "pw-age", hidden: true });
    this.spoken = element("div", { class: "pw-unseen", "aria-live": "polite" });
    this.meters = new Meters();
    this.pressure = new PressureLine();
    this.facts = element("div", { class: "pw-facts", role: "list" });
    this.events = new HeadEvents(
      model,
      () => this.dashboard,
      (sentences) => this.#note(sentences),
    );
    this.alerts = new Alerts((text) => setText(this.spoken, text), this.events.expect);
    this.notes = element("div", { class: "pw-notes", hidden: true });
    this.cost = element("div", { class: "pw-cost" });
    this.known = element("div", { class: "pw-known" }, this.facts, this.cost);
    this.controls = new Controls({
      pause: (paused) => this.#pause(paused),
      interval: (seconds) => model.send(chooseInterval(seconds)),
    });
    el.classList.add("pw", "pw-summary");
    el.replaceChildren(
      element(
        "div",
        { class: "pw-top" },
        this.headline,
        this.notes,
        this.age,
        this.alerts.element,
        this.events.cause.element,
      ),
      this.events.told.element,
      this.meters.element,
      this.meters.below,
      this.pressure.element,
      this.events.tools,
      this.controls.element,
      this.known,
      this.spoken,
    );
    this.changed = () => {
      this.staleness.take(model.get("reading"));
      this.drawing ||= requestAnimationFrame(() => this.draw());
    };
    this.told = (/** @type {any} */ content) => {
      const message = parse(content);
      if (message?.type === "refused") {
        this.controls.refused();
        this.#note([message.text]);
      }
    };
    model.on("change:reading", this.changed);
    model.on("msg:custom", this.told);
    this.#keepAge(true);
    this.asked = (/** @type {Event} */ event) => {
      this.controls.setPause(/** @type {CustomEvent<{ paused: boolean }>} */ (event).detail.paused);
    };
    this.stopObserving = observePresence(el, {
      placed: (dashboard) => {
        this.dashboard = dashboard;
        dashboard.addEventListener(ASK_PAUSE, this.asked);
        if (dashboard !== el) {
          setAttribute(dashboard, "role", "region");
          setAttribute(dashboard, "aria-label", "Process monitor");
        } else {
          this.disconnect = connectApart(el, model.get("name"), SHARED);
        }
        this.stopGuarding = guardKeys(dashboard);
        this.stopFitting = fillPanel(dashboard);
        this.stopFilling = fillSlots(dashboard, {
          meters: this.meters.below,
          pressure: this.pressure.element,
          events: this.events.tools,
          controls: this.controls.element,
          facts: this.known,
        });
      },
      seen: (visible) => {
        this.visible = visible;
        this.staleness.restart();
        this.#keepAge(visible);
      },
    });
    this.draw();
  }

  remove() {
    clearInterval(this.timer);
    cancelAnimationFrame(this.drawing);
    this.stopObserving();
    this.stopGuarding?.();
    this.disconnect?.();
    this.stopFilling?.();
    this.stopFitting?.();
    this.dashboard.removeEventListener(ASK_PAUSE, this.asked);
    thawCharts(this.dashboard);
    delete this.dashboard.dataset["paused"];
    this.events.remove();
    this.model.off("change:reading", this.changed);
    this.model.off("msg:custom", this.told);
    this.el.replaceChildren();
  }

  /** Show the model's reading, unless paused. */
  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const reading = /** @type {Partial<Reading> & EventsReading} */ (this.model.get("reading"));
    if (this.pausedAt !== null) {
      return;
    }
    if (reading.headline) {
      setText(this.headline, reading.headline.text);
      setAttribute(this.headline, "data-level", reading.headline.level);
      setAttribute(this.headline, "title", reading.headline.text);
      setAttribute(this.el, "data-level", reading.headline.level);
      this.meters.show(reading.meters ?? [], reading.cores ?? [], reading.rates ?? []);
      this.pressure.show(reading.pressure);
      this.#showFacts(reading.facts ?? []);
      this.alerts.show(reading.alerts ?? [], reading.expected, reading.headline, reading.alert_count);
      this.events.show(reading);
      this.controls.show(reading.interval ?? 2);
      setText(this.cost, reading.cost?.text ?? "");
      setAttribute(this.cost, "title", reading.cost?.text ?? null);
    }
    this.#note(reading.notes ?? []);
    this.#showAge();
  }

  /** @param {Reading["facts"]} facts */
  #showFacts(facts) {
    const shown = this.facts.children;
    if (shown.length !== facts.length) {
      this.facts.replaceChildren(
        ...facts.map(() =>
          element("div", { role: "listitem" }, element("span", { class: "pw-fact" }), element("span")),
        ),
      );
    }
    for (const [at, { label, text }] of facts.entries()) {
      setText(/** @type {HTMLElement} */ (shown[at]?.firstElementChild), label);
      setText(/** @type {HTMLElement} */ (shown[at]?.lastElementChild), text);
    }
  }

  /** @param {string[]} sentences */
  #note(sentences) {
    setHidden(this.notes, sentences.length === 0);
    setText(this.notes, sentences.join(" "));
    setAttribute(this.notes, "title", sentences.join("\n") || null);
  }

  /**
   * Look now and then how old the figures are, or, while nobody sees them, no more.
   * @param {boolean} on
   */
  #keepAge(on) {
    clearInterval(this.timer);
    if (on) {
      this.timer = setInterval(() => this.#showAge(), 500);
      this.#showAge();
    }
  }

  #showAge() {
    const lost = lossOf(this.dashboard);
    // A past moment is not stale: the strip over the table says which it is.
    if (this.dashboard.dataset["past"] && lost === null) {
      setText(this.age, "");
      setHidden(this.age, true);
      setAttribute(this.el, "data-state", "past");
      return;
    }
    const { state, text } = this.staleness.judge(this.model.get("reading"), {
      lost,
      pausedAt: this.pausedAt,
      visible: this.visible,
    });
    if (lost !== null) {
      setText(this.headline, lost);
      setAttribute(this.headline, "title", lost);
      setAttribute(this.headline, "data-level", "warning");
      setAttribute(this.el, "data-level", "warning");
    }
    setText(this.age, text);
    setHidden(this.age, text === "");
    setAttribute(this.el, "data-state", state);
    if ((state !== this.state && state !== "live") || lost !== this.lost) {
      setText(this.spoken, lost ?? text);
    }
    this.state = state;
    this.lost = lost;
  }

  /** @param {boolean} paused */
  #pause(paused) {
    this.pausedAt = paused ? Date.now() / 1000 : null;
    this.staleness.restart();
    this.dashboard.dataset["paused"] = String(paused);
    this.dashboard.dispatchEvent(new CustomEvent(PAUSE, { bubbles: true, detail: { paused } }));
    if (paused) {
      freezeCharts(this.dashboard);
      this.#showAge();
    } else {
      thawCharts(this.dashboard);
      this.draw();
    }
  }
}

export default {
  /** @param {{ model: Model }} context */
  initialize({ model }) {
    void survive(model);
  },
  /** @param {{ model: Model, el: HTMLElement }} context */
  render({ model, el }) {
    const view = new SummaryView(model, el);
    return () => view.remove();
  },
};
