/**
 * What a user does to the grid with pointer, focus and keys enters; its callbacks, its active cell and whether its order
 * is held leave.
 */

import { headKeys, listenToHead } from "./header_input.js";
import { handleKeys } from "./keys.js";
import { rowKeys } from "./rowkeys.js";

/** @import { Grid } from "./grid.js" */

/** @param {Grid} grid */
export function listen(grid) {
  const { body, element, scroller, callbacks } = grid;
  /** @param {{ pointer?: boolean, focused?: boolean }} change */
  const hold = (change) => {
    const before = grid.held;
    Object.assign(grid, change);
    if (grid.held !== before) {
      callbacks.hold();
    }
  };
  scroller.addEventListener("scroll", () => grid.render(), { passive: true });
  body.addEventListener("pointerenter", () => hold({ pointer: true }));
  body.addEventListener("pointerleave", () => hold({ pointer: false }));
  body.addEventListener("focusin", () => hold({ focused: true }));
  body.addEventListener("focusout", ({ relatedTarget }) => {
    hold({ focused: relatedTarget instanceof Node && body.contains(relatedTarget) });
  });
  element.addEventListener("focusin", ({ target }) => {
    const cell = target instanceof Element ? target.closest("[data-column]") : null;
    if (cell) {
      grid.active = { row: grid.lines.rowAt(cell), column: cell.getAttribute("data-column") ?? "" };
      grid.updateTabStop();
    }
  });
  element.addEventListener("click", ({ target }) => {
    if (target instanceof Element) {
      const row = grid.lines.rowAt(target);
      if (row) {
        clicked(grid, row, target);
      }
    }
  });
  listenToHead(grid);
  element.addEventListener("keydown", (event) => {
    if (headKeys(grid, event) || rowKeys(grid, event)) {
      event.preventDefault();
    } else {
      handleKeys(grid, event);
    }
  });
}

/**
 * @param {Grid} grid
 * @param {import("../types.js").Row} row
 * @param {Element} target
 */
function clicked({ callbacks, places }, row, target) {
  const open = places?.get(row)?.open ?? null;
  if (target.closest(".pw-end")) {
    callbacks.end(row);
  } else if (target.closest(".pw-turn, .pw-under") && open !== null) {
    callbacks.setOpen(row, !open);
  } else if (target.closest('[data-column="name"]') && row.group) {
    callbacks.setOpen(row, open === false);
  } else if (target.closest('[data-column="name"]')) {
    callbacks.open(row);
  }
}
