/**
 * The bands of one chart: when this kernel's cells ran, from here to there. The name of a cell is a button where there
 * is room for it: it shows the moment at which the cell ended.
 */

import { button, element, setAttribute } from "../ui/dom.js";

/** @import { CellBand } from "../connection/protocol.js" */

/** Percent of the chart's width that a letter of a name takes. */
const ROOM = 3.2;

export class CellBands {
  /** @param {(time: number) => void} go called with Unix seconds */
  constructor(go) {
    this.go = go;
    this.element = element("div", { class: "pw-cell-bands" });
    this.drawn = "";
  }

  /**
   * @param {CellBand[]} cells
   * @param {number} time Unix seconds at the right edge
   * @param {number} shown seconds that the chart shows
   */
  show(cells, time, shown) {
    const inSight = cells.filter(([, , ended]) => (ended ?? time) > time - shown);
    const names = inSight.map(([cell, began, ended]) => [cell, began, ended === null].join()).join(";");
    if (names !== this.drawn) {
      this.drawn = names;
      this.element.replaceChildren(...inSight.map((cell) => this.#make(cell)));
    }
    for (const [at, [cell, began, ended]] of inSight.entries()) {
      const band = /** @type {HTMLElement} */ (this.element.children[at]);
      const from = Math.max(0, 100 * (1 - (time - began) / shown));
      const to = Math.min(100, 100 * (1 - (time - (ended ?? time)) / shown));
      band.style.left = `${from}%`;
      band.style.width = `${Math.max(0, to - from)}%`;
      setAttribute(band, "data-narrow", to - from < ROOM * nameOf(cell).length ? "" : null);
    }
  }

  /** @param {CellBand} cell */
  #make([cell, began, ended, words]) {
    const name = nameOf(cell);
    const label = button(name, () => this.go(ended ?? began), {
      class: "pw-cell-name",
      title: ended === null ? `${name} ${words}` : `${name}: ${words}. Shows the moment at which it ended.`,
    });
    // A press on the chart itself chooses the moment under the pointer.
    label.addEventListener("pointerdown", (event) => event.stopPropagation());
    return element("div", { class: "pw-cell-band" }, label);
  }
}

/** @param {number | null} cell */
function nameOf(cell) {
  return cell === null ? "a cell" : `In [${cell}]`;
}
