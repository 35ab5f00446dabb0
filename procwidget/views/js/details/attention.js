/**
 * Keeps which processes the user gives attention to: those pinned to the top, the one that is followed (kept in
 * sight with the top of the list, wherever it moves), and the one whose details are open. Connects the grid with the panel of details.
 */

import { neverSignalled } from "../rows/never.js";
import { FollowChip } from "./follow_chip.js";
import { DetailsPanel } from "./panel.js";

/** @import { Link } from "../connection/link.js" */
/** @import { DetailsChoices } from "../layout/saved_choices.js" */
/** @import { Shown } from "../rows/listing.js" */
/** @import { Store } from "../rows/store.js" */
/** @import { Grid } from "../table/grid.js" */
/** @import { Options, Row } from "../types.js" */

export class Attention {
  /**
   * @param {Link} link
   * @param {Store} store
   * @param {DetailsChoices & Pick<Shown, "pinned">} choices
   * @param {Options} options
   * @param {{ watches: () => boolean, moved: () => void, marked: () => void, end: (row: Row) => void, now: ((row: Row) => void) | null }} on
   *   `moved` is called when rows have to move, `marked` when only how they look, `now` to go to a process in the present
   */
  constructor(link, store, choices, options, on) {
    this.store = store;
    this.choices = choices;
    this.on = on;
    /** @type {Grid | null} */
    this.grid = null;
    this.panel = new DetailsPanel(link, options.reveal ?? false, options.actions, choices, {
      end: on.end,
      refusal: (row) => neverSignalled(row, options.never)?.[1] ?? null,
      placed: (covered) => this.grid?.cover(covered),
      go: (pid) => this.#go(pid),
      pin: (row) => this.#pin(row),
      follow: (row) => this.#follow(row),
      closed: (row) => {
        this.choices.opened = null;
        this.grid?.activate(row, "name", true);
        this.on.marked();
      },
      watches: on.watches,
      past: () => store.past,
      rows: () => store.rows.values(),
      now: on.now,
    });
    this.callbacks = {
      open: (/** @type {Row} */ row) => this.#open(row),
      pin: (/** @type {Row} */ row) => this.#pin(row),
      follow: (/** @type {Row} */ row) => this.#follow(row),
    };
    this.letGo = () => {
      if (this.choices.followed) {
        this.choices.followed = null;
        this.on.moved();
      }
    };
    this.chip = new FollowChip(this.letGo);
  }

  /** The row that is marked as current: the one with open details, else the followed one. */
  get current() {
    return this.panel.row ?? this.choices.followed;
  }

  /**
   * @param {Grid} grid
   * @param {HTMLElement} main what has the grid and the panel in it
   */
  attach(grid, main) {
    this.grid = grid;
    this.panel.place.attach(main);
    // Scrolling by hand ends following.
    grid.scroller.addEventListener("wheel", this.letGo, { passive: true });
    grid.scroller.addEventListener("touchmove", this.letGo, { passive: true });
  }

  remove() {
    this.panel.remove();
  }

  /** Open the details that the model's previous view had open. */
  resume() {
    const { opened } = this.choices;
    if (opened) {
      this.panel.open(opened);
    }
  }

  /** Update after a new list or reading. */
  tick() {
    const { grid, panel } = this;
    const { followed } = this.choices;
    this.chip.show(followed?.ended ? null : followed);
    if (grid && followed) {
      const index = grid.list.indexOf(followed);
      if (index >= 0) {
        grid.reveal(index);
      }
    }
    if (panel.row) {
      const { row } = panel;
      panel.tick(this.store.time, {
        pinned: this.choices.pinned.has(row.identity),
        followed: followed === row,
      });
    }
  }

  /**
   * Go to a process, and open its details.
   * @param {string} identity
   */
  show(identity) {
    const row = [...this.store.rows.values()].find((one) => one.identity === identity);
    if (row) {
      this.grid?.activate(row, "name", true);
      this.#open(row);
    } else {
      this.panel.showNote("That process is not there any more.");
    }
  }

  /** @param {Row} row */
  #open(row) {
    this.choices.opened = row;
    this.panel.open(row);
    this.panel.enter();
    this.on.marked();
  }

  /** @param {number} pid */
  #go(pid) {
    for (const row of this.store.rows.values()) {
      if (row.pid === pid) {
        this.#open(row);
        return;
      }
    }
    this.panel.showNote(`There is no process ${pid} any more.`);
  }

  /** @param {Row} row */
  #pin(row) {
    const { pinned } = this.choices;
    if (!pinned.delete(row.identity)) {
      pinned.add(row.identity);
    }
    this.on.moved();
  }

  /** @param {Row} row */
  #follow(row) {
    this.choices.followed = this.choices.followed === row ? null : row;
    if (this.grid && this.choices.followed) {
      this.grid.scroller.scrollTop = 0;
    }
    this.on.moved();
  }
}
