/**
 * Runs what a user does to processes, one or several: opens the dialog for the grid's buttons and keys and for the bar,
 * and shows the outcome in the status beside the table.
 */

import { subtree } from "../rows/selection.js";
import { SelectColumn } from "../table/select_column.js";
import { element, setAttribute, setText } from "../ui/dom.js";
import { ActionDialog } from "./dialog.js";
import { SelectionBar } from "./selection_bar.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Selection } from "../rows/selection.js" */
/** @import { Store } from "../rows/store.js" */
/** @import { Filter } from "../search/query.js" */
/** @import { Grid } from "../table/grid.js" */
/** @import { Row } from "../types.js" */

export class SignalsController {
  /**
   * @param {Link} link
   * @param {Store} store
   * @param {Selection} selection
   * @param {boolean} actions whether processes can be signalled here
   * @param {HTMLElement} host of the dialog
   * @param {() => { list: Row[], filter: Filter }} shown what the table shows
   */
  constructor(link, store, selection, actions, host, shown) {
    this.link = link;
    this.selection = selection;
    this.host = host;
    this.shown = shown;
    /** @type {ActionDialog | null} */
    this.dialog = null;
    /** @type {Grid | null} */
    this.grid = null;
    this.status = element("div", {
      class: "pw-last",
      role: "status",
      "aria-label": "Last action",
      "aria-live": "polite",
    });
    this.boxes = new SelectColumn(selection, () => shown().list);
    this.bar = new SelectionBar(selection, actions, {
      act: (signal) => this.#act(this.#rows(), signal),
      subtree: () =>
        selection.set(
          this.#rows().flatMap((row) => subtree(store.rows.values(), row)),
          true,
        ),
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
    const { status } = this;
    setText(status, text);
    status.title = text;
    setAttribute(status, "tabindex", status.scrollHeight > status.clientHeight ? "0" : null);
  }

  /** Update what the bar and the header say of the selection. */
  refresh() {
    this.boxes.refresh();
    this.bar.refresh(this.shown().filter);
  }

  #rows() {
    return [...this.selection.rows.values()];
  }

  /**
   * Ask to do something to processes, in a dialog.
   * @param {Row[]} rows
   * @param {string} signal a key of SIGNALS
   * @param {Row} [about] the row that does not move meanwhile, the first of them unless given
   */
  #act(rows, signal, about = rows[0]) {
    const { grid } = this;
    const living = rows.filter(({ ended }) => !ended);
    if (this.dialog || !grid || !about || living.length === 0) {
      return;
    }
    const before = grid.active;
    const focused = document.activeElement;
    grid.setDialogRow(about);
    this.dialog = new ActionDialog(this.link, living, signal, {
      told: (text) => this.tell(text),
      closed: () => {
        this.dialog = null;
        grid.setDialogRow(null);
        const { element, buttons } = this.bar;
        const stays = focused instanceof HTMLElement && focused.closest(".pw-details") && focused.isConnected;
        if (focused instanceof HTMLElement && (stays || (element.contains(focused) && !buttons.hidden))) {
          focused.focus();
        } else {
          grid.activate(before.row, before.column, true);
        }
      },
    });
    this.dialog.start(this.host);
  }
}
