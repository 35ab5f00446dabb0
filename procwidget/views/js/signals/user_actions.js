/**
 * Runs what a user does to processes, one or several: opens the dialog for the grid's buttons and keys and for the bar,
 * and has the line below the table say what became of it.
 */

import { PAST } from "../connection/link.js";
import { MOST, subtree } from "../rows/selection.js";
import { SelectColumn } from "../table/select_column.js";
import { ActionDialog } from "./dialog.js";
import { LastAction } from "./last_action.js";
import { SelectionBar } from "./selection_bar.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Selection } from "../rows/selection.js" */
/** @import { Store } from "../rows/store.js" */
/** @import { Filter } from "../search/query.js" */
/** @import { Grid } from "../table/grid.js" */
/** @import { Options, Row } from "../types.js" */

export class UserActions {
  /**
   * @param {Link} link
   * @param {Store} store
   * @param {Selection} selection
   * @param {Pick<Options, "actions" | "system">} options whether processes can be signalled here, and how
   * @param {HTMLElement} host of the dialog
   * @param {() => { list: Row[], filter: Filter }} shown what the table shows
   */
  constructor(link, store, selection, { actions, system }, host, shown) {
    this.system = system;
    this.link = link;
    this.store = store;
    this.selection = selection;
    this.store = store;
    this.actions = actions;
    this.host = host;
    this.shown = shown;
    /** @type {ActionDialog | null} */
    this.dialog = null;
    /** @type {Grid | null} */
    this.grid = null;
    this.last = new LastAction();
    this.boxes = new SelectColumn(selection, () => shown().list);
    this.bar = new SelectionBar(selection, actions, {
      system,
      act: (signal) => this.#act(this.#rows(), signal),
      endTree: () => this.#act(this.#trees(), "SIGTERM"),
      subtree: () => selection.set(this.#trees(), true),
      cleared: () => this.grid?.activate(this.grid.active.row, this.grid.active.column, true),
    });
    this.callbacks = {
      end: (/** @type {Row} */ row) => this.ask(row, "SIGTERM"),
      endSelected: () => {
        this.#act(this.#rows(), "SIGTERM");
        return selection.size > 0;
      },
      pick: (/** @type {Row} */ row, /** @type {boolean} */ also, /** @type {boolean} */ range) => {
        if (also || range) {
          selection.pick(row, shown().list, range, range || !selection.has(row));
        } else {
          selection.only([row]);
        }
      },
      select: (/** @type {Row} */ row, /** @type {boolean} */ range) => selection.pick(row, shown().list, range),
    };
    this.stop = selection.follow(() => {
      this.grid?.render();
      this.refresh();
    });
  }

  /** @param {Grid} grid whose callbacks these are */
  attach(grid) {
    this.grid = grid;
  }

  remove() {
    this.dialog?.close();
    this.last.remove();
    this.stop();
  }

  /**
   * Ask to do something to a process, or to all of a group.
   * @param {Row} row
   * @param {string} signal a key of SIGNALS
   */
  ask(row, signal) {
    this.#act(row.group ?? [row], signal, row);
  }

  /**
   * Say what was done.
   * @param {string} text
   */
  tell(text) {
    this.last.tell(text);
  }

  /** Update what the bar and the header say of the selection, and the line of what was done. */
  refresh() {
    this.last.refresh();
    this.boxes.refresh();
    this.bar.refresh(this.shown().filter);
  }

  #rows() {
    return [...this.selection.rows.values()];
  }

  /** The selected processes and all that descend from them. */
  #trees() {
    const rows = [...this.store.rows.values()];
    return [...new Set(this.#rows().flatMap((row) => subtree(rows, row)))];
  }

  /**
   * Ask to end processes that something outside the table names.
   * @param {string[]} identities
   */
  end(identities) {
    const rows = [...this.store.rows.values()].filter((row) => !row.ended && identities.includes(row.identity));
    if (rows.length > 0) {
      this.#act(rows, "SIGTERM");
    } else {
      this.tell("There is no such process any more.");
    }
  }

  /**
   * Ask to do something to processes, in a dialog.
   * @param {Row[]} rows what has ended of them is left out
   * @param {string} signal a key of SIGNALS
   * @param {Row} [about] the row that does not move meanwhile, the first of them unless given
   */
  #act(rows, signal, about = rows[0]) {
    const { grid } = this;
    if (this.link.held) {
      this.tell(PAST);
      return;
    }
    const living = rows.filter(({ ended }) => !ended);
    const asked = living.slice(0, MOST);
    if (this.dialog || !grid || !about || asked.length === 0) {
      return;
    }
    const before = grid.active;
    const focused = document.activeElement;
    const rest = living.length - asked.length;
    const leftOut = rest ? [`${rest} more are left out: at most ${MOST} are signalled at once.`] : [];
    grid.setDialogRow(about);
    const on = {
      system: this.system,
      told: (/** @type {string} */ text) => this.last.tell(text, asked),
      closed: () => {
        this.dialog = null;
        grid.setDialogRow(null);
        const { element, buttons } = this.bar;
        // Of what has the focus, the grid's own elements stand for other rows by now.
        const elsewhere = focused !== document.body && !grid.element.contains(focused) && !element.contains(focused);
        if (focused instanceof HTMLElement && (elsewhere || (element.contains(focused) && !buttons.hidden))) {
          focused.focus();
        } else {
          grid.activate(before.row, before.column, true);
        }
      },
    };
    this.dialog = new ActionDialog(this.link, asked, signal, on, leftOut);
    this.dialog.start(this.host);
  }
}
