/**
 * The element of one row in the table: draws its cells and marks new, ended and selected processes. It remembers what
 * each cell shows and touches the page only where that changes. Row elements are reused for other rows.
 */

import { MARKED_FOR } from "../rows/row.js";
import { element, setAttribute } from "../ui/dom.js";
import { UNKNOWN } from "../ui/format.js";
import { writeHighlighted } from "./search_matches.js";
import { rowLevel } from "./levels.js";

/** @import { Level, Place, Row, Scene, Totals } from "../types.js" */
/** @import { CellExtras } from "./cell_extras.js" */
/** @import { Column } from "./columns.js" */

/**
 * What decides the level of a row with totals. A group is measured by what it uses together, a closed branch is as bad
 * as its worst process.
 * @param {Totals} sums
 * @param {Row} row
 * @returns {Row}
 */
export function judgedBy({ cpu, memory, highestCpu, highestMemory }, row) {
  return row.group ? { ...row, cpu, memory } : { ...row, cpu: highestCpu, memory: highestMemory };
}

/**
 * How long a bar is, in percent; one that is hardly to be seen is none.
 * @param {number} part
 */
function barOf(part) {
  const percent = Math.round(100 * Math.min(1, part));
  return percent < 3 ? 0 : percent;
}

/** The text of a value that is nothing. */
const ZERO = /^0(\.0)?( |$)/;

export class RowElement {
  /**
   * @param {Column[]} columns those shown
   * @param {number[]} places of these among all columns, from 1
   */
  constructor(columns, places) {
    this.columns = columns;
    /** @type {Row | null} */
    this.row = null;
    this.index = -1;
    this.level = /** @type {Level} */ ("normal");
    this.ended = false;
    /** @type {string[]} */
    this.texts = columns.map(() => "");
    /** How long the bar in each cell is, in percent. @type {number[]} */
    this.bars = columns.map(() => 0);
    /** What is highlighted in each cell. @type {(string[] | undefined)[]} */
    this.highlights = [];
    /** @type {Level[]} */
    this.levels = columns.map(() => "normal");
    this.nodes = columns.map(() => document.createTextNode(""));
    /** @type {(CellExtras | null)[]} */
    this.extras = columns.map(({ content }) => content?.() ?? null);
    this.cells = columns.map((column, at) => {
      const extras = this.extras[at];
      const cell = element("div", {
        role: "gridcell",
        class: `pw-cell${column.numeric ? " pw-figure" : ""}${column.bar ? " pw-bar-cell" : ""}`,
        "data-column": column.key,
        "aria-colindex": String(places[at]),
        tabindex: "-1",
        ...(column.level ? { "data-level": "normal" } : {}),
      });
      cell.append(...(extras?.before ?? []), /** @type {Text} */ (this.nodes[at]), ...(extras?.after ?? []));
      return cell;
    });
    this.element = element("div", { role: "row", class: "pw-row", "data-level": "normal" }, ...this.cells);
    this.name = "";
    this.fresh = false;
    /** How it ended after the past moment that is shown; null where it did not. @type {string | null} */
    this.fate = null;
  }

  /**
   * The element that takes the focus in a column: the cell, or a control in it.
   * @param {number} at
   * @returns {HTMLElement | null}
   */
  target(at) {
    return this.extras[at]?.target() ?? this.cells[at] ?? null;
  }

  /**
   * @param {Row} row
   * @param {number} index in the list
   * @param {number} height pixels of a row
   * @param {Scene} scene
   * @param {Place} [place] in a tree or among groups
   */
  show(row, index, height, scene, place) {
    if (this.row !== row || this.ended !== row.ended || this.name !== row.name) {
      this.#setRow(row);
    }
    if (this.index !== index) {
      this.index = index;
      this.element.style.top = `${index * height}px`;
      this.element.setAttribute("aria-rowindex", String(index + 2));
      this.element.classList.toggle("pw-even", index % 2 === 1);
    }
    const fresh = row.born > 0 && !row.ended && scene.time - row.born < MARKED_FOR;
    if (this.fresh !== fresh) {
      this.fresh = fresh;
      this.element.classList.toggle("pw-new", fresh);
    }
    this.#markFate(row, scene);
    setAttribute(this.element, "aria-current", scene.current === row ? "true" : null);
    this.#place(place);
    // A group or closed branch shows totals.
    const sums = place !== undefined && (place.open === false || row.group !== null) ? place.totals : null;
    const shown = sums ? { ...row, ...sums.sums, cpu: sums.cpu, memory: sums.memory } : row;
    const judged = sums ? judgedBy(sums, row) : row;
    const level = rowLevel(judged, scene);
    if (this.level !== level) {
      this.level = level;
      this.element.dataset["level"] = level;
    }
    for (let at = 0; at < this.columns.length; at++) {
      this.#fill(at, shown, judged, scene, sums);
      this.extras[at]?.show(row, scene, place);
    }
  }

  /**
   * @param {number} at
   * @param {Row} shown the row whose figures are shown
   * @param {Row} judged the row whose figures decide the level
   * @param {Scene} scene
   * @param {Totals | null} sums the totals that are shown
   */
  #fill(at, shown, judged, scene, sums) {
    const column = /** @type {Column} */ (this.columns[at]);
    const cell = /** @type {HTMLElement} */ (this.cells[at]);
    const says = shown.group === null || (shown.group.length > 0 ? column.sums : column.key === "name");
    const text = says ? column.text(shown, scene) : "";
    const highlights = scene.highlights?.[column.key];
    if (this.texts[at] !== text || this.highlights[at] !== highlights) {
      this.texts[at] = text;
      if (column.numeric) {
        cell.classList.toggle("pw-zero", ZERO.test(text));
      }
      this.highlights[at] = highlights;
      writeHighlighted(/** @type {Text} */ (this.nodes[at]), text, highlights);
      if (!column.tip && (column.hint || column.unknown)) {
        cell.title = text === UNKNOWN ? (column.unknown ?? "") : column.hint ? text : "";
      }
    }
    if (column.bar) {
      const part = barOf(column.bar(shown, scene));
      if (this.bars[at] !== part) {
        this.bars[at] = part;
        cell.style.setProperty("--pw-part", `${part}%`);
      }
    }
    if (column.tip) {
      setAttribute(cell, "title", column.tip(shown));
    }
    if (column.sumHint) {
      setAttribute(cell, "title", (sums && column.sumHint(sums)) || null);
    }
    if (column.level) {
      const level = shown.ended ? "normal" : column.level(judged, scene);
      if (this.levels[at] !== level) {
        this.levels[at] = level;
        cell.dataset["level"] = level;
      }
    }
  }

  /** @param {Row} row */
  #setRow(row) {
    this.row = row;
    this.ended = row.ended;
    this.name = row.name;
    this.element.classList.toggle("pw-ended", row.ended);
    this.element.classList.toggle("pw-group", row.group !== null);
    // Ended rows and groups are no processes, so nothing should find them by a pid.
    if (row.ended || row.group) {
      delete this.element.dataset["pid"];
    } else {
      this.element.dataset["pid"] = String(row.pid);
    }
  }

  /**
   * Mark who of a past moment has ended since, and say why where that is known.
   * @param {Row} row
   * @param {Scene} scene
   */
  #markFate({ identity, group }, { past = null }) {
    const fate = past?.ended.has(identity) && !group ? (past.why[identity] ?? "it has ended since") : null;
    if (this.fate !== fate) {
      this.fate = fate;
      this.element.classList.toggle("pw-ended-since", fate !== null);
      setAttribute(this.element, "title", fate);
    }
  }

  /** @param {Place | undefined} place */
  #place(place) {
    const { element } = this;
    setAttribute(element, "aria-level", place ? String(place.level) : null);
    setAttribute(element, "aria-posinset", place ? String(place.at) : null);
    setAttribute(element, "aria-setsize", place ? String(place.of) : null);
    setAttribute(element, "aria-expanded", place && place.open !== null ? String(place.open) : null);
    element.classList.toggle("pw-dim", place?.dim ?? false);
  }
}
