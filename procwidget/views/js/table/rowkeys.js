/**
 * Keys pressed on a row enter; callbacks to open its details, to open and close what is under it, to pin and to follow it
 * leave. Left and Right are those of the WAI-ARIA treegrid pattern where the name is; elsewhere they move as in a grid.
 */

/** @import { Grid } from "./grid.js" */

/**
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was one of them
 */
export function rowKeys(grid, event) {
  const { row, column } = grid.active;
  if (row === null || event.altKey || event.metaKey || event.ctrlKey || isWidget(event.target)) {
    return false;
  }
  const place = grid.places?.get(row);
  const { key } = event;
  if (place && column === "name" && (key === "ArrowLeft" || key === "ArrowRight")) {
    return arrowOnName(grid, key === "ArrowRight");
  }
  if (place && (key === "*" || key === "-" || key === "+")) {
    if (key === "*") {
      grid.callbacks.setAllOpen(true);
    } else {
      grid.callbacks.setOpen(row, key === "+");
    }
  } else if (key === "Enter" && row.group) {
    grid.callbacks.setOpen(row, place?.open === false);
  } else if (key === "Enter") {
    grid.callbacks.open(row);
  } else if (key === "p" && !row.group) {
    grid.callbacks.pin(row);
  } else if (key === "f" && !row.group) {
    grid.callbacks.follow(row);
  } else {
    return false;
  }
  return true;
}

/**
 * @param {Grid} grid
 * @param {boolean} right
 */
function arrowOnName(grid, right) {
  const row = /** @type {import("../types.js").Row} */ (grid.active.row);
  const place = grid.places?.get(row);
  if (!place) {
    return false;
  }
  if (place.open === !right) {
    grid.callbacks.setOpen(row, right);
    return true;
  }
  if (right || place.level === 1) {
    return false;
  }
  for (let at = grid.list.indexOf(row) - 1; at >= 0; at--) {
    const above = grid.list[at];
    if (above && (grid.places?.get(above)?.level ?? 0) < place.level) {
      grid.activate(above, "name", true);
      return true;
    }
  }
  return false;
}

/** @param {EventTarget | null} target buttons and boxes have uses of their own for Enter and letters */
function isWidget(target) {
  return target instanceof Element && target.closest("button, input") !== null;
}
