/**
 * The process table's entry: puts the search, the grid, the bars and the panel of details into the element that
 * anywidget gives, and draws them after each frame. One store and one link serve all views of a model on a page; sort,
 * filter and scrolling belong to each view.
 */

import { markLost } from "./connection/kernel_loss.js";
import { Link } from "./connection/link.js";
import { observePresence } from "./connection/presence.js";
import { select } from "./connection/protocol.js";
import { DetailsController } from "./details/controller.js";
import { PAUSE } from "./head/pause.js";
import { ColumnsAndSort } from "./layout/columns_and_sort.js";
import { firstChoices, keepChoices } from "./layout/saved_choices.js";
import { MOMENT, PastController } from "./past/controller.js";
import { ShowAs } from "./layout/show_as.js";
import { Listing } from "./rows/listing.js";
import { Selection } from "./rows/selection.js";
import { Store } from "./rows/store.js";
import { SearchBox } from "./search/box.js";
import { filterOf } from "./search/query.js";
import { SignalsController } from "./signals/controller.js";
import { EVERY, onDemand } from "./table/columns.js";
import { Grid } from "./table/grid.js";
import { button, element, setText } from "./ui/dom.js";
import { figure } from "./ui/format.js";
import { guardKeys } from "./ui/key_guard.js";
import { listenUnfocused, shortcuts, showHelp } from "./ui/shortcuts.js";

/** @import { Choices } from "./layout/saved_choices.js" */
/** @import { Kind } from "./rows/listing.js" */
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
    this.columnsAndSort = new ColumnsAndSort(choices, options.sort_by, () => this.draw(true));
    this.listing = new Listing(choices, EVERY);
    this.showAs = new ShowAs(choices.kind, {
      show: (kind) => this.#show(kind),
      setAllOpen: (open) => this.#rebuild(() => this.listing.setAllOpen(open)),
    });
    this.visible = false;
    this.paused = false;
    this.drawing = 0;
    this.dashboard = el;
    /** @type {SearchBox} */
    this.search = new SearchBox(choices.filter, {
      changed: (text) => this.#filter(text),
      left: () => this.grid.activate(this.listing.list[0] ?? null, this.grid.active.column, true),
      // Worded unlike the visible count, which is not spoken because it may change with every frame.
      spoken: () => (this.search.query.all ? "All are shown" : `${figure(this.listing.matching)} match`),
    });
    this.count = element("span", { class: "pw-count" });
    this.hint = element("span", { class: "pw-hint" });
    this.signals = new SignalsController(link, store, selection, options.actions, el, () => ({
      list: this.listing.list,
      filter: filterOf(this.search.query, store.time),
    }));
    this.details = new DetailsController(link, store, choices, options.reveal ?? false, {
      watches: () => this.#watches(),
      moved: () => this.draw(true),
      marked: () => this.#put(),
    });
    this.grid = new Grid(
      this.columnsAndSort.columns,
      options.rows,
      options.actions,
      choices.sort,
      {
        ...this.columnsAndSort.callbacks,
        ...this.signals.callbacks,
        setOpen: (row, open) => this.#rebuild(() => this.listing.setOpen(row, open)),
        setAllOpen: (open) => this.#rebuild(() => this.listing.setAllOpen(open)),
        ...this.details.callbacks,
        hold: () => this.#hold(),
      },
      [this.signals.boxes.column],
    );
    this.past = new PastController(link, store);
    this.past.obey();
    const off = element("span", { class: "pw-off", hidden: options.actions }, "Ending processes is switched off here.");
    const { bar, status } = this.signals;
    const help = button("Keys", () => showHelp(el), { class: "pw-button pw-keys-button", title: "Keys (?)" });
    el.classList.add("pw", "pw-table");
    el.replaceChildren(
      element(
        "div",
        { class: "pw-bar" },
        this.search.element,
        this.showAs.element,
        this.columnsAndSort.menu.element,
        this.count,
        off,
      ),
      this.past.strip.element,
      element("div", { class: "pw-bar pw-second" }, this.search.message, bar.element, status, this.hint, help),
      this.grid.element,
      this.past.interval.element,
      this.details.panel.element,
    );
    this.details.attach(this.grid);
    this.columnsAndSort.attach(this.grid);
    this.signals.attach(this.grid);
    this.details.resume();
    this.#listen();
  }

  #listen() {
    this.shortcuts = shortcuts({ search: () => this.search.focus(), help: () => showHelp(this.el) });
    this.stopListening = listenUnfocused(this.shortcuts);
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
    this.stopFollowingLoss = this.link.follow((why) => markLost(this.dashboard, why));
    this.stopObserving = observePresence(this.el, {
      placed: (dashboard) => {
        this.dashboard = dashboard;
        markLost(dashboard, this.link.lost);
        this.paused = dashboard.dataset["paused"] === "true";
        this.#hint();
        dashboard.addEventListener("keydown", /** @type {EventListener} */ (this.shortcuts));
        dashboard.addEventListener(PAUSE, /** @type {EventListener} */ (this.pause));
        this.past.attach(dashboard);
        // Another moment is another table: nothing in it is where it was.
        dashboard.addEventListener(MOMENT, () => this.draw(true));
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
    this.signals.remove();
    this.search.remove();
    this.columnsAndSort.menu.remove();
    this.details.remove();
    this.past.remove();
    this.link.want(this, false);
    cancelAnimationFrame(this.drawing);
    this.stopFollowing?.();
    this.stopFollowingLoss?.();
    this.stopListening?.();
    this.stopObserving?.();
    this.stopGuarding?.();
    this.sizes?.disconnect();
    this.dashboard.removeEventListener("keydown", /** @type {EventListener} */ (this.shortcuts));
    this.dashboard.removeEventListener(PAUSE, /** @type {EventListener} */ (this.pause));
    this.el.replaceChildren();
  }

  /**
   * Draw the newest list and figures.
   * @param {boolean} [afresh] whether the user asked for another order, which ends holding the old one
   */
  draw(afresh = false) {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const { store, listing } = this;
    const { query } = this.search;
    const shown = [
      ...this.grid.columns.map(({ key }) => key),
      ...this.choices.sort.map(({ key }) => key),
      ...query.keys,
      this.choices.kind,
    ];
    this.link.demand(this, onDemand(shown));
    const range = this.grid.held && !afresh ? this.grid.visibleRange : null;
    const above = listing.refresh(store.shown(), filterOf(query, store.time), range);
    this.#put(above);
    const total = figure(store.rows.size);
    setText(this.count, query.all ? `${total} processes` : `${figure(listing.matching)} of ${total}`);
    this.signals.refresh();
    this.#say();
  }

  /** Say why there are no rows. A mistake in the search is no reason: it is shown at the search box. */
  #say() {
    const nothing = this.listing.list.length === 0 && !this.search.query.all && this.search.mistake === null;
    const waits = this.store.time === 0 ? "Waiting for the first reading…" : "";
    this.grid.showMessage(nothing ? "No process matches the filter." : waits);
  }

  /** @param {number} [above] rows that were removed above the visible ones */
  #put(above = 0) {
    const { store, listing } = this;
    const scene = {
      time: store.time,
      memoryTotal: store.memoryTotal,
      thresholds: this.model.get("thresholds"),
      highlights: this.search.query.highlights,
      tick: store.tick,
      pinned: this.choices.pinned,
      current: this.details.current,
    };
    this.grid.show(listing.list, scene, above, listing.places);
    this.details.tick();
  }

  /** @param {Kind} kind */
  #show(kind) {
    this.choices.kind = kind;
    this.columnsAndSort.apply();
    this.grid.scroller.scrollTop = 0;
    this.draw(true);
  }

  /** @param {() => void} change opens or closes rows */
  #rebuild(change) {
    change();
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
      store.follow(() => selection.dropEnded());
      selection.follow(() => made.send(select([...selection.rows.keys()])));
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
