/**
 * The process table's entry: anywidget hands over the model and an element, frames and answers come over the model, and
 * the element is filled with the filter, the grid and the outcome of the last action. One store and one link serve all
 * views of a model on a page; sort, filter and scroll belong to each view and survive its being made again.
 */

import { Acting } from "./acting.js";
import { Arranger } from "./arranger.js";
import { Attention } from "./attention.js";
import { firstChoices, keepChoices } from "./choices.js";
import { element, setText } from "./dom.js";
import { filterOf } from "./filter.js";
import { figure } from "./format.js";
import { Grid } from "./grid.js";
import { tellLoss } from "./kernel.js";
import { Link } from "./link.js";
import { Listing } from "./listing.js";
import { showHelp } from "./help.js";
import { guardKeys } from "./keyguard.js";
import { PAUSE } from "./pause.js";
import { observePresence } from "./presence.js";
import { Search } from "./search.js";
import { hearUnfocused, shortcuts } from "./shortcuts.js";
import { ShowAs } from "./showas.js";
import { Selection } from "./selection.js";
import { Store } from "./store.js";

/** @import { Choices } from "./choices.js" */
/** @import { Kind } from "./listing.js" */
/** @import { Model, Options } from "./types.js" */

class TableView {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   * @param {Store} store
   * @param {Link} link
   * @param {Choices} choices
   * @param {Selection} selection
   */
  constructor(model, el, store, link, choices, selection) {
    this.model = model;
    this.el = el;
    this.store = store;
    this.link = link;
    this.choices = choices;
    const options = /** @type {Options} */ (model.get("options"));
    this.arranger = new Arranger(choices, options.sort_by, () => this.draw(true));
    this.listing = new Listing(choices);
    this.showAs = new ShowAs(choices.kind, {
      show: (kind) => this.#show(kind),
      turnAll: (open) => this.#turn(() => this.listing.turnAll(open)),
    });
    this.visible = false;
    this.paused = false;
    this.drawing = 0;
    this.dashboard = el;
    /** @type {Search} */
    this.search = new Search(choices.filter, {
      changed: (text) => this.#filter(text),
      left: () => this.grid.activate(this.listing.list[0] ?? null, this.grid.active.column, true),
      // Other words than those of the count, which is not spoken, for it may change at every tick.
      spoken: () => (this.search.query.all ? "All are shown" : `${figure(this.listing.matching)} match`),
    });
    this.count = element("span", { class: "pw-count" });
    this.hint = element("span", { class: "pw-hint" });
    this.acting = new Acting(link, store, selection, options.actions, el, () => ({
      list: this.listing.list,
      filter: filterOf(this.search.query, store.time),
    }));
    this.attention = new Attention(link, store, choices, options.reveal ?? false, {
      watches: () => this.#watches(),
      moved: () => this.draw(true),
      marked: () => this.#put(),
    });
    this.grid = new Grid(
      this.arranger.columns,
      options.rows,
      options.actions,
      choices.sort,
      {
        ...this.arranger.wishes,
        ...this.acting.wishes,
        turn: (row, open) => this.#turn(() => this.listing.turn(row, open)),
        turnAll: (open) => this.#turn(() => this.listing.turnAll(open)),
        ...this.attention.wishes,
        hold: () => this.#hold(),
      },
      [this.acting.boxes.column],
    );
    const off = element("span", { class: "pw-off", hidden: options.actions }, "Ending processes is switched off here.");
    const { batch, status } = this.acting;
    const help = element("button", { type: "button", class: "pw-button pw-keys-button", title: "Keys (?)" }, "Keys");
    help.addEventListener("click", () => showHelp(el));
    el.classList.add("pw", "pw-table");
    el.replaceChildren(
      element(
        "div",
        { class: "pw-bar" },
        this.search.element,
        this.showAs.element,
        this.arranger.menu.element,
        this.count,
        off,
      ),
      element("div", { class: "pw-bar pw-second" }, this.search.message, batch.element, status, this.hint, help),
      this.grid.element,
      this.attention.details.element,
    );
    this.attention.serve(this.grid);
    this.arranger.serve(this.grid);
    this.acting.serve(this.grid);
    this.attention.resume();
    this.#listen();
  }

  #listen() {
    this.shortcuts = shortcuts({ search: () => this.search.focus(), help: () => showHelp(this.el) });
    this.stopHearing = hearUnfocused(this.shortcuts);
    this.pause = (/** @type {Event} */ event) => {
      this.paused = /** @type {CustomEvent<{ paused: boolean }>} */ (event).detail.paused;
      this.#hint();
      this.#want();
    };
    this.stopFollowing = this.store.follow(() => {
      if (this.#watches() && !this.drawing) {
        this.drawing = requestAnimationFrame(() => this.draw());
      }
    });
    this.stopMourning = this.link.follow((why) => tellLoss(this.dashboard, why));
    this.stopObserving = observePresence(this.el, {
      placed: (dashboard) => {
        this.dashboard = dashboard;
        tellLoss(dashboard, this.link.lost);
        this.paused = dashboard.dataset["paused"] === "true";
        this.#hint();
        dashboard.addEventListener("keydown", /** @type {EventListener} */ (this.shortcuts));
        dashboard.addEventListener(PAUSE, /** @type {EventListener} */ (this.pause));
        this.stopGuarding = guardKeys(dashboard);
      },
      seen: (visible) => {
        this.visible = visible;
        this.#want();
      },
    });
    this.sizes = new ResizeObserver(() => {
      if (this.el.clientWidth > 0) {
        this.grid.fit(this.el.clientWidth);
      }
    });
    this.sizes.observe(this.el);
  }

  remove() {
    this.acting.remove();
    this.search.remove();
    this.arranger.menu.remove();
    this.attention.remove();
    this.link.want(this, false);
    cancelAnimationFrame(this.drawing);
    this.stopFollowing?.();
    this.stopMourning?.();
    this.stopHearing?.();
    this.stopObserving?.();
    this.stopGuarding?.();
    this.sizes?.disconnect();
    this.dashboard.removeEventListener("keydown", /** @type {EventListener} */ (this.shortcuts));
    this.dashboard.removeEventListener(PAUSE, /** @type {EventListener} */ (this.pause));
    this.el.replaceChildren();
  }

  /**
   * Bring the page in step with the store.
   * @param {boolean} [afresh] whether the user asked for another order, which overrules holding the old one
   */
  draw(afresh = false) {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const { store, listing } = this;
    const { query } = this.search;
    const sight = this.grid.held && !afresh ? this.grid.sight : null;
    const above = listing.refresh(store.shown(), filterOf(query, store.time), sight);
    this.#put(above);
    const total = figure(store.rows.size);
    setText(this.count, query.all ? `${total} processes` : `${figure(listing.matching)} of ${total}`);
    this.acting.refresh();
    this.#say();
  }

  /** Say why there are no rows; a mistake in the search is said where it is, and is no reason. */
  #say() {
    const nothing = this.listing.list.length === 0 && !this.search.query.all && this.search.mistake === null;
    const waits = this.store.time === 0 ? "Waiting for the first reading…" : "";
    this.grid.say(nothing ? "No process matches the filter." : waits);
  }

  /** @param {number} [above] rows that left above those in sight */
  #put(above = 0) {
    const { store, listing } = this;
    const scene = {
      time: store.time,
      memoryTotal: store.memoryTotal,
      thresholds: this.model.get("thresholds"),
      marks: this.search.query.marks,
      tick: store.tick,
      pinned: this.choices.pinned,
      current: this.attention.current,
    };
    this.grid.show(listing.list, scene, above, listing.places);
    this.attention.tick();
  }

  /** @param {Kind} kind */
  #show(kind) {
    this.choices.kind = kind;
    this.arranger.apply();
    this.grid.scroller.scrollTop = 0;
    this.draw(true);
  }

  /** @param {() => void} turn opens or closes rows */
  #turn(turn) {
    turn();
    this.listing.rebuild(this.store.shown(), filterOf(this.search.query, this.store.time));
    this.#put();
  }

  /** @param {string} text */
  #filter(text) {
    this.choices.filter = text;
    if (this.search.mistake === null) {
      this.grid.scroller.scrollTop = 0;
      this.draw(true);
    } else {
      this.#say();
    }
  }

  #hold() {
    this.#hint();
    if (!this.grid.held && this.#watches() && !this.drawing) {
      this.drawing = requestAnimationFrame(() => this.draw());
    }
  }

  #hint() {
    setText(this.hint, this.paused ? "Paused" : this.grid.held ? "Order held" : "");
  }

  #watches() {
    return this.visible && !this.paused;
  }

  #want() {
    this.link.want(this, this.#watches());
  }
}

export default () => {
  const store = new Store();
  /** @type {Link | null} */
  let link = null;
  /** @type {Choices | null} */
  let choices = null;
  const selection = new Selection();
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      const made = (link = new Link(model, store));
      store.follow(() => selection.sweep());
      selection.follow(() => made.send({ type: "select", identities: [...selection.rows.keys()] }));
      const stopKeeping = keepChoices(() => choices);
      return () => {
        stopKeeping();
        made.close();
      };
    },
    /** @param {{ model: Model, el: HTMLElement }} context */
    render({ model, el }) {
      choices ??= firstChoices(model.get("options"));
      const view = new TableView(model, el, store, /** @type {Link} */ (link), choices, selection);
      view.draw();
      return () => view.remove();
    },
  };
};
