/**
 * What cells hold besides text: the name's tree mark, count and button, and the button that ends a process. A row
 * element makes these once and reuses them for one row after another. The text of a cell is made in columns.js and
 * drawn by row_element.js.
 */

import { element, setAttribute, setDisabled, setText } from "../ui/dom.js";
import { isKernel } from "../rows/kernels.js";
import { neverSignalled } from "../rows/never.js";
import { figure } from "../ui/format.js";

/** @import { Place, Row, Scene } from "../types.js" */

/** Levels of a tree with a full indent, and after them levels with half of it; more would leave no room for the name. */
const [FULL, HALF] = [4, 8];

/**
 * @typedef {object} CellExtras
 * @property {Node[]} before what comes before the cell's text
 * @property {Node[]} after what comes after it
 * @property {(row: Row, scene: Scene, place: Place | undefined) => void} show
 * @property {() => HTMLElement | null} target what takes the focus, null for the cell itself
 */

/**
 * What stands around a name: the indent and mark of a tree, its notebook, how many processes are under it, whether it is
 * pinned, and the button for its details.
 * @returns {CellExtras}
 */
export function nameContent() {
  const mark = element("span", { class: "pw-turn", "aria-hidden": "true" });
  const kernelOf = element("span", { class: "pw-kernel-of" });
  const notebook = element("span", { class: "pw-under pw-notebook" });
  const count = element("span", { class: "pw-under" });
  const pinned = element("span", { class: "pw-pinned" });
  const button = element("button", { type: "button", class: "pw-open", tabindex: "-1" });
  const more = element("button", { type: "button", class: "pw-more", tabindex: "-1", "aria-haspopup": "menu" });
  let label = "";
  let depth = -1;
  return {
    before: [mark, kernelOf],
    after: [notebook, count, pinned, more, button],
    show(row, scene, place) {
      const called = row.group ? row.name : `${row.name} (${row.pid})`;
      if (label !== called) {
        label = called;
        button.setAttribute("aria-label", `Details of ${called}`);
        more.setAttribute("aria-label", `Menu of ${called}`);
      }
      if (more.hidden !== (row.group?.length === 0)) {
        more.hidden = row.group?.length === 0;
      }
      if (button.hidden !== (row.group !== null)) {
        button.hidden = row.group !== null;
      }
      const level = place?.level ?? 0;
      if (depth !== level) {
        depth = level;
        const steps = Math.max(0, level - 1);
        const indent = Math.min(steps, FULL) + Math.min(Math.max(0, steps - FULL), HALF) / 2;
        mark.style.setProperty("--pw-indent", String(indent));
        mark.classList.toggle("pw-turns", level > 0);
      }
      setAttribute(mark, "data-open", place && place.open !== null ? String(place.open) : null);
      const kernel = isKernel(row);
      const name = (row.group === null && row.notebook) || "";
      setText(kernelOf, kernel ? name : "");
      setText(notebook, kernel ? "" : name);
      for (const span of [kernelOf, notebook]) {
        setAttribute(span, "title", row.notebook_path ?? null);
      }
      setText(count, place ? below(row, place) : "");
      setText(pinned, badge(row, scene));
    },
    target: () => null,
  };
}

/**
 * Why a row is where it is, if the order is not why.
 * @param {Row} row
 * @param {Scene} scene
 */
function badge(row, { pinned, followed, followedPlace = null }) {
  if (pinned?.has(row.identity)) {
    return "pinned";
  }
  return row === followed && followedPlace !== null ? `followed, no. ${figure(followedPlace)}` : "";
}

/**
 * How many processes a row stands for, in words.
 * @param {Row} row
 * @param {Place} place
 */
function below(row, { open, totals }) {
  if (row.group) {
    return row.group.length === 0 ? "" : processes(totals.processes);
  }
  return open === false ? `+${figure(totals.processes - 1)}` : "";
}

/** @param {number} count */
function processes(count) {
  return `${figure(count)} ${count === 1 ? "process" : "processes"}`;
}

/**
 * The button that ends a process, or all of a group, or, where that can never be, a word about why; the whole sentence is its
 * tooltip.
 * @returns {CellExtras}
 */
export function endContent() {
  const button = element("button", { type: "button", class: "pw-end", tabindex: "-1" }, "End");
  const word = document.createTextNode("");
  const sentence = element("span", { class: "pw-unseen" });
  const why = element("span", { class: "pw-never", hidden: true }, word, sentence);
  let label = "";
  let reason = /** @type {import("../rows/never.js").Reason | null} */ (null);
  return {
    before: [],
    after: [button, why],
    show(row, { never }) {
      const newReason = row.ended ? null : neverSignalled(row, never);
      if (reason !== newReason) {
        reason = newReason;
        word.data = reason?.[0] ?? "";
        setText(sentence, reason ? `: ${reason[1]}` : "");
        why.title = reason?.[1] ?? "";
        why.hidden = reason === null;
        if (reason && button === document.activeElement) {
          button.parentElement?.focus();
        }
        button.hidden = reason !== null;
      }
      const living = row.group?.filter(({ ended }) => !ended).length ?? 0;
      const now = `End ${row.name} (${row.group ? processes(living) : row.pid})`;
      if (label !== now) {
        label = now;
        button.setAttribute("aria-label", now);
      }
      setDisabled(button, row.ended || (row.group !== null && living === 0));
    },
    target: () => (button.disabled || button.hidden ? null : button),
  };
}
