/** The column with the check boxes, which show the selection and change it. Rows say it too, in `aria-selected`. */

import { element, setAttribute, setDisabled } from "../ui/dom.js";

/** @import { Selection } from "../rows/selection.js" */
/** @import { Row } from "../types.js" */
/** @import { CellExtras } from "./cell_extras.js" */
/** @import { Column } from "./columns.js" */

/** The key of this column, which is none of a sample. */
const SELECT = "select";

export class SelectColumn {
  /**
   * @param {Selection} selection
   * @param {() => Row[]} list what the table shows
   */
  constructor(selection, list) {
    this.selection = selection;
    this.list = list;
    this.all = checkbox("Select all shown");
    this.all.addEventListener("click", () => selection.set(list(), this.all.checked));
    /** @type {Column} */
    this.column = {
      key: SELECT,
      label: "Select",
      numeric: false,
      width: "34px",
      narrow: "28px",
      from: 0,
      text: () => "",
      order: () => null,
      content: () => this.#part(),
      heading: () => this.all,
      fixed: true,
    };
  }

  /** Show in the header whether all visible rows are selected, or some. */
  refresh() {
    const { all, selection } = this;
    let [some, every] = [false, selection.size > 0];
    if (every) {
      for (const row of this.list()) {
        const has = selection.has(row);
        some ||= has || selection.hasSome(row);
        every &&= has || row.ended;
      }
    }
    const checked = some && every;
    if (all.checked !== checked || all.indeterminate !== (some && !every)) {
      all.checked = checked;
      all.indeterminate = some && !every;
    }
  }

  /** @returns {CellExtras} */
  #part() {
    const { selection } = this;
    const box = checkbox("");
    let label = "";
    /** @type {Row | null} */
    let shown = null;
    box.addEventListener("click", ({ shiftKey }) => {
      if (shown) {
        selection.pick(shown, this.list(), shiftKey, box.checked);
      }
    });
    return {
      before: [],
      after: [box],
      show(row) {
        shown = row;
        const now = row.group ? `Select all of ${row.name}` : `Select ${row.name} (${row.pid})`;
        if (label !== now) {
          label = now;
          box.setAttribute("aria-label", now);
        }
        const off = row.ended || row.group?.length === 0;
        setDisabled(box, off);
        const selected = selection.has(row);
        if (box.checked !== selected) {
          box.checked = selected;
        }
        const some = !selected && selection.hasSome(row);
        if (box.indeterminate !== some) {
          box.indeterminate = some;
        }
        const line = box.closest(".pw-row");
        if (line) {
          setAttribute(line, "aria-selected", off ? null : String(selected));
        }
      },
      target: () => (box.disabled ? null : box),
    };
  }
}

/** @param {string} label */
function checkbox(label) {
  return element("input", { type: "checkbox", class: "pw-check", tabindex: "-1", "aria-label": label });
}
