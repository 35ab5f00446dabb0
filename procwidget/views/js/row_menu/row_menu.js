/**
 * Opens the menu of a row where it was asked for: at the pointer, under the row's button, or under the active cell. The
 * row does not move meanwhile, and the focus comes back to it.
 */

import { ContextMenu } from "../ui/context_menu.js";
import { copyText } from "../ui/clipboard.js";
import { dayAndClock } from "../ui/format.js";
import { itemsFor } from "./entries.js";

/** @import { Grid } from "../table/grid.js" */
/** @import { Row } from "../types.js" */
/** @import { Deeds } from "./entries.js" */

export class RowMenu {
  /**
   * @param {HTMLElement} host
   * @param {Omit<Deeds, "copy" | "textOf">} deeds
   * @param {(text: string) => void} tell called with a sentence about what was copied
   */
  constructor(host, deeds, tell) {
    this.host = host;
    this.tell = tell;
    /** @type {Deeds} */
    this.deeds = {
      ...deeds,
      copy: (text, what) => void this.#copy(text, what),
      textOf: (row) => this.#textOf(row),
    };
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {ContextMenu | null} */
    this.menu = null;
  }

  /** @param {Grid} grid */
  attach(grid) {
    this.grid = grid;
  }

  remove() {
    this.menu?.close();
  }

  /**
   * @param {Row} row
   * @param {{ x: number, y: number } | null} at the pointer's place; null is under the active cell
   */
  open(row, at) {
    const { grid } = this;
    this.menu?.close();
    const items = itemsFor(row, this.deeds);
    if (!grid || items.length === 0) {
      return;
    }
    const { column } = grid.active;
    const name = row.group ? row.name : `${row.name} (${row.pid})`;
    grid.setDialogRow(row);
    const menu = (this.menu = new ContextMenu(this.host, `Menu of ${name}`, items, () => {
      this.menu = null;
      grid.setDialogRow(null);
      if (menu.element.contains(document.activeElement)) {
        grid.activate(row, column, true);
      }
    }));
    if (at) {
      menu.open(at.x, at.y);
    } else {
      const { left, bottom } = (grid.target() ?? grid.element).getBoundingClientRect();
      menu.open(left, bottom);
    }
  }

  /**
   * Copy a row as the table shows it, its cells with tabs between them, before which stands the past moment it is of.
   * @param {Row} row
   */
  copyRow(row) {
    this.deeds.copy(this.#textOf(row), "the row");
  }

  /** @param {Row} row */
  #textOf(row) {
    const { grid } = this;
    const scene = grid?.scene;
    if (!scene) {
      return "";
    }
    const cells = grid.columns
      .filter(({ fixed, key }) => !fixed && key !== "trace")
      .map((column) => (row.group === null || column.sums ? column.text(row, scene) : ""));
    return [...(scene.past ? [dayAndClock(scene.past.time)] : []), ...cells].join("\t");
  }

  /**
   * @param {string} text
   * @param {string} what
   */
  async #copy(text, what) {
    this.tell((await copyText(text)) ? `Copied ${what}.` : `This browser did not let ${what} be copied.`);
  }
}
