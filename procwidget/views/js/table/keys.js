/**
 * Keys pressed in the grid enter; moves of the focus and callbacks leave, as the WAI-ARIA grid pattern has them.
 * Space selects, with Shift all from the last one on; Delete asks to end what is selected, or the
 * row's process; Escape goes back to the header, which lets the order go.
 */

/** @import { Grid } from "./grid.js" */

/**
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 */
export function handleKeys(grid, event) {
  if (event.altKey || event.metaKey || (event.shiftKey && event.key !== " ")) {
    return;
  }
  const { list, active } = grid;
  const keys = grid.columnKeys();
  const row = active.row === null ? -1 : list.indexOf(active.row);
  const column = Math.max(0, keys.indexOf(active.column));
  const lastRow = list.length - 1;
  const lastColumn = keys.length - 1;
  /** @type {Record<string, [row: number, column: number]>} */
  const moves = event.ctrlKey
    ? { Home: [-1, 0], End: [lastRow, lastColumn] }
    : {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [row, 0],
        End: [row, lastColumn],
        PageUp: [Math.max(row > 0 ? 0 : -1, row - grid.rows), column],
        PageDown: [row + grid.rows, column],
        ...(row < 0 ? {} : { Escape: [-1, column] }),
      };
  const move = moves[event.key];
  if (move) {
    const place = Math.max(-1, Math.min(lastRow, move[0]));
    grid.activate(list[place] ?? null, keys[Math.max(0, Math.min(lastColumn, move[1]))] ?? "", true);
  } else if (event.key === "Delete" && grid.actions) {
    if (!grid.callbacks.endSelected?.() && active.row && !active.row.ended) {
      grid.callbacks.end(active.row);
    }
  } else if (active.row && event.key === " " && !isControl(event.target)) {
    grid.callbacks.select?.(active.row, event.shiftKey);
  } else {
    return;
  }
  event.preventDefault();
}

/**
 * Whether a key on this means something of its own.
 * @param {EventTarget | null} target
 */
function isControl(target) {
  return target instanceof Element && target.closest("button, input, a") !== null;
}
