/**
 * The fleet's entry: all hosts of a cluster, as one sentence, a strip of cells, groups by state and a table; and the
 * processes of all hosts in one table. The dashboard of a host that is opened stands below, and is Python's.
 */

import { observePresence } from "./connection/presence.js";
import { randomName } from "./connection/names.js";
import { survive } from "./connection/slow_start.js";
import { ACTS, SHOW } from "./events/cause_buttons.js";
import { HostTable } from "./fleet/host_table.js";
import { HostStrip } from "./fleet/host_strip.js";
import { AllProcesses } from "./fleet/all_processes.js";
import { SearchLine } from "./fleet/search_line.js";
import { StateGroups } from "./fleet/state_groups.js";
import { rowsOf } from "./fleet/rows.js";
import { button, element, setAttribute, setHidden, setText } from "./ui/dom.js";
import { age, useUnits } from "./ui/format.js";
import { guardKeys } from "./ui/key_guard.js";

/** @import { Host, HostsMessage } from "./fleet/rows.js" */
/** @import { Model } from "./types.js" */

/** Seconds between heartbeats; the kernel stops sending after fifteen without one. */
const HEARTBEAT = 5;

/** Intervals without a message after which the figures are said to be old. */
const STALE = 3;

class FleetView {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.name = randomName();
    useUnits(model.get("units"));
    /** @type {HostsMessage | null} */
    this.message = null;
    /** @type {Host[]} */
    this.hosts = [];
    this.drawing = 0;
    this.heard = performance.now();
    this.group = "";
    /** The host that this view shows below, "" for none; and how often Python had all views show one. */
    this.open = "";
    this.forAll = 0;
    /** What that host's table is to search as soon as it is there. */
    this.query = "";
    this.headline = element(
      "div",
      { class: "pw-headline", role: "status", "data-level": "normal" },
      "Looking for hosts…",
    );
    this.age = element("span", { class: "pw-age", hidden: true });
    this.notes = element("div", { class: "pw-notes", hidden: true });
    this.strip = new HostStrip((host) => this.#open(host));
    this.groups = new StateGroups((group) => {
      this.group = group;
      this.draw();
    });
    this.search = new SearchLine((text) => model.send({ type: "search", view: this.name, text }));
    this.table = new HostTable((host) => this.#open(host));
    this.processes = new AllProcesses(model, (host, query) => this.#open(host, query));
    this.tabs = ["Hosts", "Processes of all hosts"].map((label, at) =>
      button(label, () => this.#show(at === 1), { "aria-pressed": String(at === 0) }),
    );
    this.opened = element("div", { class: "pw-fleet-opened", hidden: true });
    /** Whether the kernel has not said yet that the host is open. */
    this.waits = false;
    this.bar = element("div", { class: "pw-fleet-bar" }, ...this.tabs, this.groups.element, this.search.element);
    el.classList.add("pw", "pw-fleet");
    el.replaceChildren(
      element("div", { class: "pw-top" }, this.headline, this.age),
      this.notes,
      this.strip.element,
      this.bar,
      this.search.mistake,
      this.table.element,
      this.processes.element,
      this.opened,
    );
    this.told = (/** @type {any} */ content) => this.#take(content);
    model.on("msg:custom", this.told);
    this.#show(false);
    this.stopObserving = observePresence(el, {
      placed: (fleet) => {
        setAttribute(fleet, "role", "region");
        setAttribute(fleet, "aria-label", "All hosts");
        this.stopGuarding = guardKeys(fleet);
      },
      seen: (visible) => this.#watch(visible),
    });
  }

  remove() {
    this.#watch(false);
    if (this.open) {
      this.#open("");
    }
    this.stopObserving();
    this.stopGuarding?.();
    cancelAnimationFrame(this.drawing);
    this.model.off("msg:custom", this.told);
    this.processes.remove();
    this.el.replaceChildren();
  }

  /** @param {boolean} on whether anybody sees it */
  #watch(on) {
    clearInterval(this.timer);
    clearInterval(this.ageing);
    this.model.send({ type: "watch", view: this.name, on });
    if (on && this.open) {
      this.model.send({ type: "open", view: this.name, host: this.open });
    }
    this.processes.watch(on);
    if (on) {
      if (this.search.text) {
        this.model.send({ type: "search", view: this.name, text: this.search.text });
      }
      this.timer = setInterval(() => this.#beat(), HEARTBEAT * 1000);
      this.ageing = setInterval(() => this.#showAge(), 1000);
    }
  }

  /** Say that somebody looks. After a while without connection the kernel has forgotten this view: it comes anew. */
  #beat() {
    if (this.#isStale()) {
      this.#watch(true);
    } else {
      this.model.send({ type: "ack" });
    }
  }

  #isStale() {
    return performance.now() - this.heard > (STALE * (this.message?.interval ?? 2) + 2) * 1000;
  }

  /** @param {any} content what the kernel sent */
  #take(content) {
    if (content?.type === "hosts") {
      this.message = content;
      this.heard = performance.now();
      this.drawing ||= requestAnimationFrame(() => this.draw());
    } else if (content?.type === "searched" && content.view === this.name) {
      this.search.told(content);
    } else if (content?.type === "refused" && (content.view ?? this.name) === this.name) {
      setText(this.notes, content.text);
      setHidden(this.notes, false);
    } else if (content?.type === "answer") {
      this.processes.told(content);
    }
  }

  /** Show the newest message. */
  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const { message } = this;
    if (message === null) {
      return;
    }
    this.hosts = rowsOf(message);
    setText(this.headline, message.headline.text);
    setAttribute(this.headline, "data-level", message.headline.level);
    setAttribute(this.headline, "title", message.headline.text);
    setAttribute(this.el, "data-level", message.headline.level);
    this.#showOpened(message);
    this.strip.show(this.hosts, this.open);
    this.groups.show(this.hosts, this.group);
    const found = message.found[this.name];
    const names = found && this.search.text ? new Set(found) : null;
    const shown = this.hosts.filter(
      (host) => (names === null || names.has(host.host)) && (this.group === "" || host.state === this.group),
    );
    this.search.count(shown.length, this.hosts.length);
    this.table.show(shown, this.open, this.group === "");
    this.#showAge();
  }

  /** @param {HostsMessage} message */
  #showOpened(message) {
    const [times, host] = message.for_all;
    if (times !== this.forAll) {
      this.forAll = times;
      this.#open(host);
      // This message has it open.
      this.message = message;
    }
    const { opened } = message;
    const place = opened[this.open];
    const before = this.opened.dataset["host"] ?? "";
    if (place !== undefined) {
      this.waits = false;
    } else if (!this.waits) {
      // Nobody has it any more, or others opened too many.
      this.open = "";
    }
    const shown = place === undefined ? "" : this.open;
    setAttribute(
      this.el.closest(".procwidget-fleet") ?? this.el,
      "data-place",
      place === undefined ? null : `${place}`,
    );
    if (this.query && place !== undefined) {
      const dashboard = this.el.parentElement?.querySelector(`:scope > .procwidget-place-${place}[${ACTS}]`);
      if (dashboard) {
        dashboard.dispatchEvent(new CustomEvent(SHOW, { detail: this.query }));
        this.query = "";
      }
    }
    setHidden(this.opened, shown === "");
    if (shown === before) {
      return;
    }
    this.opened.dataset["host"] = shown;
    this.opened.replaceChildren(
      button("‹ All hosts", () => this.#back()),
      element("h2", {}, shown),
    );
    if (shown) {
      this.opened.scrollIntoView({ block: "start" });
    }
  }

  /** Show no host, and go back to where it was opened. */
  #back() {
    const { open } = this;
    this.#open("");
    this.el.scrollIntoView({ block: "start" });
    this.table.focus(open);
  }

  #showAge() {
    const stale = this.#isStale();
    const silent = (performance.now() - this.heard) / 1000;
    setText(this.age, stale ? `No word from the kernel for ${age(0, silent)}` : "");
    setHidden(this.age, !stale);
    setAttribute(this.el, "data-state", stale ? "stale" : "live");
  }

  /**
   * @param {string} host the one to show below, "" for none
   * @param {string} [query] what its table is to search
   */
  #open(host, query = "") {
    setHidden(this.notes, true);
    if (host !== this.open && this.message) {
      // What the newest message says of it is of before: it may have been left a moment ago, and be closed now.
      this.waits = host !== "";
      this.message = { ...this.message, opened: {} };
    }
    this.open = host;
    this.query = query;
    this.model.send({ type: "open", view: this.name, host });
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  /** @param {boolean} processes whether the processes of all hosts are shown, and not the hosts */
  #show(processes) {
    for (const [at, tab] of this.tabs.entries()) {
      setAttribute(tab, "aria-pressed", String((at === 1) === processes));
    }
    setHidden(this.table.element, processes);
    setHidden(this.groups.element, processes);
    setHidden(this.search.element, processes);
    setHidden(this.search.mistake, processes || !this.search.wrong);
    this.processes.show(processes);
  }
}

export default {
  /** @param {{ model: Model }} context */
  initialize({ model }) {
    void survive(model);
  },
  /** @param {{ model: Model, el: HTMLElement }} context */
  render({ model, el }) {
    const view = new FleetView(model, el);
    return () => view.remove();
  },
};
