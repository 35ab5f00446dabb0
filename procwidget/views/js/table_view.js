/**
 * One view of the process table: search, grid, bars and details, drawn after each frame. Sort, filter and scrolling
 * belong to each view.
 */

import { ChartsView } from "./charts/charts_view.js";
import { Attention } from "./details/attention.js";
import { tellMenuItem } from "./events/tell_end.js";
import { ColumnsAndSort } from "./layout/columns_and_sort.js";
import { arrangementOf } from "./layout/arrangement.js";
import { ExportMenu } from "./layout/export_menu.js";
import { usualView } from "./layout/saved_choices.js";
import { ShowAs } from "./layout/show_as.js";
import { themeSwitch } from "./layout/theme_switch.js";
import { fold, footer, panelLine, switchedOff, toolbar } from "./layout/toolbar.js";
import { ViewMenu } from "./layout/view_menu.js";
import { PanelBar } from "./panels/panel_bar.js";
import { InSight } from "./rows/in_sight.js";
import { ShownMoment } from "./past/shown_moment.js";
import { isKernelThread } from "./rows/never.js";
import { RowMenu } from "./row_menu/row_menu.js";
import { Listing } from "./rows/listing.js";
import { SearchBox } from "./search/box.js";
import { Lookups } from "./search/lookups.js";
import { countMatches, EVERYTHING, nextMatch } from "./search/matches.js";
import { filterOf } from "./search/query.js";
import { UserActions } from "./signals/user_actions.js";
import { EVERY, onDemand, sortedBy } from "./table/columns.js";
import { Grid } from "./table/grid.js";
import { OrderHint } from "./table/order_hint.js";
import { listenTo } from "./table_listening.js";
import { button, element, looksOnly, setAttribute, setText } from "./ui/dom.js";
import { figure, useUnits } from "./ui/format.js";
import { slot } from "./ui/slots.js";
import { showHelp } from "./ui/shortcuts.js";

/** @import { Choices } from "./layout/saved_choices.js" */
/** @import { Link } from "./connection/link.js" */
/** @import { MyView } from "./layout/my_view.js" */
/** @import { Selection } from "./rows/selection.js" */
/** @import { Store } from "./rows/store.js" */
/** @import { Kind } from "./rows/listing.js" */
/** @import { Model, Options, Row } from "./types.js" */

export class TableView {
  /**
   * @param {Model} model
   * @param {HTMLElement} el
   * @param {Store} store
   * @param {Link} link
   * @param {Choices} choices
   * @param {Selection} selection
   * @param {MyView} myView
   */
  constructor(model, el, store, link, choices, selection, myView) {
    this.myView = myView;
    this.model = model;
    this.el = el;
    this.store = store;
    this.link = link;
    this.choices = choices;
    const given = /** @type {Options} */ (model.get("options"));
    const options = looksOnly() ? { ...given, actions: false, reveal: false } : given;
    useUnits(options.units);
    this.columnsAndSort = new ColumnsAndSort(choices, options.sort_by, () => this.draw(true));
    this.listing = new Listing(choices, EVERY);
    this.showAs = new ShowAs(choices.kind, {
      show: (kind) => this.#show(kind),
      setAllOpen: (open) => this.#rebuild(() => this.listing.setAllOpen(open)),
    });
    this.options = options;
    this.viewMenu = new ViewMenu(choices, myView, {
      usual: () => usualView(options),
      show: (view) => this.#arrange(view),
      filtered: () => this.draw(true),
    });
    this.exportMenu = new ExportMenu(
      () => {
        const { scene, columns } = this.grid;
        return scene && { list: this.listing.list, columns, places: this.listing.places, scene };
      },
      (text) => this.signals.tell(text),
    );
    this.arranged = "";
    this.inSight = new InSight();
    this.lookups = new Lookups(link, () => this.draw(true));
    this.panels = new PanelBar(options.panels ?? [], choices.panels, link.panels, {
      opened: (names) => {
        choices.panels = names;
        this.want();
        this.past.again();
      },
      watches: () => this.watches(),
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
      next: (step) => this.#next(step),
      spoken: () => (this.search.query.all ? "All are shown" : `${figure(this.#matching())} match`),
    });
    this.count = element("span", { class: "pw-count" });
    this.filtered = element("span", { class: "pw-filtered" });
    this.hint = new OrderHint(() => this.sortNow());
    this.signals = new UserActions(link, store, selection, options, el, () => ({
      list: this.listing.list,
      filter: this.#filterNow(),
    }));
    this.details = new Attention(link, store, choices, options, {
      end: (row) => this.signals.ask(row, "SIGTERM"),
      now: options.replay ? null : ({ identity }) => this.past.goNow(identity),
      watches: () => this.watches(),
      moved: () => this.draw(true),
      marked: () => this.#put(),
    });
    this.rowMenu = new RowMenu(
      el,
      {
        ...this.details.callbacks,
        filter: (text) => this.search.set(text),
        signal: (row, signal) => this.signals.ask(row, signal),
        followed: (row) => choices.followed === row,
        pinned: ({ identity }) => choices.pinned.has(identity),
        actions: options.actions,
        never: options.never,
        system: options.system,
        stillRuns: ({ identity, ended }) => store.past && !ended && !store.past.ended.has(identity) && !options.replay,
        now: ({ identity }) => this.past.goNow(identity),
        tell: (row) => tellMenuItem(link, row, (sentence) => this.signals.tell(sentence)),
      },
      (text) => this.signals.tell(text),
    );
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
        menu: (row, at) => this.rowMenu.open(row, at),
        copy: (row) => this.rowMenu.copyRow(row),
        next: (step) => this.#next(step),
        hold: () => this.#hold(),
      },
      [this.signals.boxes.column],
    );
    this.past = new ShownMoment(link, store, {
      replay: options.replay ?? false,
      show: (identity) => {
        this.draw(true);
        this.details.show(identity);
      },
    });
    this.past.obey();
    const back = button("↶", () => this.past.step(-1), {
      class: "pw-button pw-sign",
      "aria-label": "Go back in time",
      title: "Go back in time (t)",
    });
    const off = switchedOff(options.actions || options.replay === true);
    const { bar, last } = this.signals;
    const help = button("?", () => showHelp(el), {
      class: "pw-button pw-sign",
      "aria-label": "Keys",
      title: "Keys (?)",
    });
    this.search.element.append(this.search.message);
    this.charts = new ChartsView(link.charts, choices.charts, model.get("thresholds"));
    const aside = panelLine(this.panels.buttonGroup, this.charts.select);
    const main = element("div", { class: "pw-main" }, this.grid.element, this.details.panel.element);
    el.classList.add("pw", "pw-table");
    el.replaceChildren(
      slot("meters"),
      aside,
      this.panels.area,
      toolbar(
        [
          this.search.element,
          this.showAs.element,
          fold(aside),
          this.viewMenu.element,
          this.columnsAndSort.menu.element,
          this.exportMenu.element,
          this.count,
        ],
        [back, themeSwitch(), help],
      ),
      this.past.strip.element,
      main,
      ...this.past.intervals.elements,
      footer([
        ...[bar.element, last.element, off, this.filtered],
        ...[this.details.chip.element, this.lookups.element, this.hint.element],
      ]),
    );
    this.details.attach(this.grid, main);
    this.columnsAndSort.attach(this.grid);
    this.signals.attach(this.grid);
    this.rowMenu.attach(this.grid);
    this.details.resume();
    this.stopListening = listenTo(this);
  }

  remove() {
    this.signals.remove();
    this.charts.remove();
    this.search.remove();
    this.lookups.remove();
    this.panels.remove();
    this.columnsAndSort.menu.remove();
    this.viewMenu.remove();
    this.details.remove();
    this.past.remove();
    this.rowMenu.remove();
    this.grid.hold.remove();
    this.link.want(this, false);
    cancelAnimationFrame(this.drawing);
    this.stopListening();
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
    const keys = onDemand(shown);
    this.lookups.follow(query, store.past && store.rows.values());
    const filter = this.#filterNow();
    const { text } = this.search;
    const range = this.grid.held && !afresh ? this.grid.visibleRange : null;
    listing.lines = this.grid.rows - this.grid.covered;
    const rows = this.#rows();
    this.link.demand(this, keys, this.inSight.of(rows, filter, { keys, text, time: store.time }));
    const above = listing.refresh(rows, filter, range, store.tick);
    this.#put(above);
    this.sayOrder();
    const total = figure(store.rows.size);
    const whole = query.all && this.choices.kernelThreads;
    setText(this.count, whole ? `${total} processes` : `${figure(this.#matching())} of ${total}`);
    setAttribute(this.count, "data-part", whole ? null : "");
    setText(this.filtered, filter.all || this.search.mistake ? "" : `${this.count.textContent} match ${text}`);
    this.myView.keep(this.choices);
    this.#tellArrangement();
    this.signals.refresh();
    this.#say();
  }

  /** What the rows have to match to be shown: nothing while matches are only marked. */
  #filterNow() {
    return this.search.marking ? EVERYTHING : filterOf(this.search.query, this.store.time);
  }

  /** How many processes match, whether the others are shown or not. */
  #matching() {
    const { marking, query } = this.search;
    const { matching } = this.listing;
    return marking && !query.all ? countMatches(this.#rows(), query, this.store.time) : matching;
  }

  /** @param {number} step 1 goes to the next row that matches, -1 to the one before */
  #next(step) {
    const { row, column } = this.grid.active;
    const found = nextMatch(this.listing.list, row, step, this.search.query, this.store.time);
    if (found) {
      this.grid.activate(found, column, true);
    }
  }

  /** Tell the kernel how the table is arranged, when that is another way than before. */
  #tellArrangement() {
    const whole = this.search.mistake !== null || this.search.marking;
    const arrangement = arrangementOf(this.choices, this.grid.columns, whole ? "" : this.choices.filter);
    const text = JSON.stringify(arrangement);
    if (text !== this.arranged && this.link.arrange(arrangement)) {
      this.arranged = text;
    }
  }

  /** Say why there are no rows. A mistake in the search is no reason: it is shown at the search box. */
  #say() {
    const nothing = this.listing.list.length === 0 && !this.search.query.all && this.search.mistake === null;
    const waits = this.store.time === 0 ? "Waiting for the first reading…" : "";
    const why = this.lookups.element.textContent;
    this.grid.showMessage(nothing ? `No process matches the filter. ${why}`.trim() : waits);
  }

  /** @param {number} [above] rows that were removed above the visible ones */
  #put(above = 0) {
    const { store, listing } = this;
    const scene = {
      time: store.time,
      memoryTotal: store.memoryTotal,
      cpus: store.cpus,
      cores: this.options.cores,
      never: this.options.never,
      membersOf: (/** @type {Row} */ row) => listing.membersOf(row),
      thresholds: this.model.get("thresholds"),
      highlights: this.search.query.highlights,
      tick: store.tick,
      pinned: this.choices.pinned,
      current: this.details.current,
      followed: this.choices.followed,
      past: store.past,
      followedPlace: listing.followedPlace,
    };
    this.grid.show(listing.list, scene, above, listing.places);
    this.details.tick();
  }

  /** The rows to choose from: all, or those that are no threads of the kernel. */
  #rows() {
    const rows = this.store.shown();
    return this.choices.kernelThreads ? rows : rows.filter((row) => !isKernelThread(row));
  }

  /** @param {Partial<Choices>} view a ready-made one, one's own, or the usual one */
  #arrange(view) {
    Object.assign(this.choices, view);
    if (view.panels) {
      this.panels.show(view.panels);
    }
    this.showAs.set(this.choices.kind);
    this.columnsAndSort.applyAll();
    this.details.panel.place.apply();
    this.grid.scroller.scrollTop = 0;
    this.draw(true);
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
    this.listing.rebuild(this.#rows(), this.#filterNow());
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
    this.sayOrder();
    if (!this.grid.held && this.watches() && !this.drawing) {
      this.drawing = requestAnimationFrame(() => this.draw());
    }
  }

  sortNow() {
    this.grid.hold.release();
    this.draw(true);
  }

  sayOrder() {
    const { waiting } = this.listing;
    this.hint.show(this.paused, this.grid.held, waiting, (row) => sortedBy(row, this.choices.sort, this.grid.scene));
  }

  watches() {
    return this.visible && !this.paused;
  }

  want() {
    this.link.want(this, this.watches());
    this.link.open(this, this.watches() ? this.choices.panels : []);
  }
}
