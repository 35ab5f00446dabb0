/** The small chart of a process's recent CPU in its row. It is drawn only for rows that are in the document. */

import { CPU_HISTORY, summedCpu } from "../rows/row.js";
import { setAttribute, svg } from "../ui/dom.js";
import { figure } from "../ui/format.js";

/** @import { Row } from "../types.js" */
/** @import { CellExtras } from "./cell_extras.js" */

const WIDTH = 2 * (CPU_HISTORY - 1);
const HEIGHT = 18;

/** The least percent of a core at the upper edge, so that an idle process looks idle. */
const LEAST = 20;

/**
 * Recent CPU figures as the `d` of an SVG path, and the highest of them, null when none is known.
 * @param {Float32Array | null} recentCpu
 * @param {number} tick number of the newest reading
 */
export function sparklinePath(recentCpu, tick) {
  let highest = NaN;
  for (const value of recentCpu ?? []) {
    highest = value > highest || Number.isNaN(highest) ? value : highest;
  }
  if (recentCpu === null || Number.isNaN(highest)) {
    return { d: "", highest: null };
  }
  const scale = (HEIGHT - 2) / Math.max(LEAST, highest);
  let d = "";
  let pen = "M";
  for (let back = CPU_HISTORY - 1; back >= 0; back--) {
    const value = recentCpu[(((tick - back) % CPU_HISTORY) + CPU_HISTORY) % CPU_HISTORY] ?? NaN;
    if (Number.isNaN(value)) {
      pen = "M";
    } else {
      d += `${pen}${WIDTH - 2 * back} ${Math.round((HEIGHT - 1 - value * scale) * 10) / 10}`;
      pen = "L";
    }
  }
  return { d, highest };
}

/** @returns {CellExtras} */
export function sparklineContent() {
  const line = svg("path", { class: "pw-trace-line" });
  const drawing = svg("svg", { class: "pw-trace", role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-label": "" });
  drawing.append(line);
  let shown = /** @type {Row | null} */ (null);
  let at = -1;
  let closed = false;
  return {
    before: [],
    after: [drawing],
    show(row, { tick = 0, membersOf }, place) {
      // A closed branch of a tree shows what all in it used.
      const branch = row.group === null && place?.open === false && membersOf ? membersOf : null;
      if (shown === row && at === tick && closed === (branch !== null)) {
        return;
      }
      shown = row;
      at = tick;
      closed = branch !== null;
      const { d, highest } = sparklinePath(branch ? summedCpu(branch(row)) : row.recentCpu, tick);
      setAttribute(line, "d", d);
      setAttribute(drawing, "aria-label", highest === null ? "unknown" : `at most ${figure(highest, 1)} %`);
    },
    target: () => null,
  };
}
