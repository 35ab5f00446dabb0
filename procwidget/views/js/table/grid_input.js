/**
 * What the user does on the grid's rows, with pointer, focus and keys: moves the active cell, calls the grid's
 * callbacks, and says when the order has to be held. The keys are those of the WAI-ARIA patterns for grids and
 * treegrids. Keys on the headings are in header.js.
 */

import { isControl } from "../ui/dom.js";
import { headerKey, listenToHeader } from "./header.js";

/** @import { Row } from "../types.js" */
/** @import { Grid } from "./grid.js" */

/** @param {Grid} grid */
export function listen(grid) {
  const { body, element, scroller } = grid;
  scroller.addEventListener("scroll", () => grid.render(), { passive: true });
  for (const type of ["pointerenter", "pointermove", "pointerdown", "wheel"]) {
    body.addEventListener(type, () => grid.hold.touch("pointer"), { passive: true });
  }
  body.addEventListener("pointerleave", () => grid.hold.release("pointer"));
  // Also the key that brought the focus here, which is released here.
  body.addEventListener("keydown", () => grid.hold.touch("key"));
  body.addEventListener("keyup", () => grid.hold.touch("key"));
  body.addEventListener("focusout", ({ relatedTarget }) => {
    // A line that is moved in the document loses the focus to nothing for a moment.
    if (relatedTarget instanceof Node && !body.contains(relatedTarget)) {
      grid.hold.release("key");
    }
  });
  element.addEventListener("focusin", ({ target }) => {
    const cell = target instanceof Element ? target.closest("[data-column]") : null;
    if (cell) {
      grid.cellFocused(grid.lines.rowAt(cell), cell.getAttribute("data-column") ?? "");
    }
  });
  const onRow = (/** @type {(row: Row, target: Element, event: MouseEvent) => void} */ then) => {
    return (/** @type {MouseEvent} */ event) => {
      const row = event.target instanceof Element ? grid.lines.rowAt(event.target) : null;
      if (row) {
        then(row, /** @type {Element} */ (event.target), event);
      }
    };
  };
  element.addEventListener(
    "click",
    onRow((row, target, event) => clicked(grid, row, target, event)),
  );
  element.addEventListener(
    "dblclick",
    onRow((row, target) => {
      if (!row.group && !isControl(target)) {
        grid.callbacks.open(row);
      }
    }),
  );
  element.addEventListener(
    "contextmenu",
    onRow((row, target, event) => {
      // With Shift one gets the browser's own menu; a key that asks for ours is heard where keys are.
      if (grid.callbacks.menu && !event.shiftKey && event.button === 2) {
        event.preventDefault();
        event.stopPropagation(); // JupyterLab would open its own menu over ours
        const column = target.closest("[data-column]")?.getAttribute("data-column") ?? grid.active.column;
        grid.activate(row, column);
        grid.callbacks.menu(row, { x: event.clientX, y: event.clientY });
      }
    }),
  );
  listenToHeader(grid);
  element.addEventListener("keydown", (event) => {
    if (headerKey(grid, event) || rowKey(grid, event) || cellKey(grid, event)) {
      event.preventDefault();
    }
  });
}

/**
 * A click selects the row, alone, or with Ctrl or Shift with others; on what has a use of its own it does that.
 * @param {Grid} grid
 * @param {Row} row
 * @param {Element} target
 * @param {MouseEvent} event
 */
function clicked({ callbacks, places }, row, target, event) {
  const open = places?.get(row)?.open ?? null;
  if (target.closest(".pw-end")) {
    callbacks.end(row);
  } else if (target.closest(".pw-open")) {
    callbacks.open(row);
  } else if (target.closest(".pw-more")) {
    const { left, bottom } = target.getBoundingClientRect();
    callbacks.menu?.(row, { x: left, y: bottom });
  } else if (target.closest(".pw-turn, .pw-under") && open !== null) {
    callbacks.setOpen(row, !open);
  } else if (row.group && target.closest('[data-column="name"]') && open !== null) {
    callbacks.setOpen(row, !open);
  } else if (!isControl(target) && document.getSelection?.()?.isCollapsed !== false) {
    // Whoever marked text in a cell wants the text.
    callbacks.pick?.(row, event.ctrlKey || event.metaKey, event.shiftKey);
  }
}

/**
 * Keys that act on the row: Enter shows its details, Shift+F10 its menu, c copies, p pins and f follows it, + and - show and hide what is under it,
 * * shows all. Left and Right on a name are those of the treegrid pattern.
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was one of them
 */
function rowKey(grid, event) {
  const { row, column } = grid.active;
  if (row && grid.callbacks.menu && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
    grid.callbacks.menu(row, null);
    return true;
  }
  if (row === null || event.altKey || event.metaKey || event.ctrlKey || isControl(event.target)) {
    return false;
  }
  const { callbacks } = grid;
  const place = grid.places?.get(row);
  const { key } = event;
  if (place && column === "name" && (key === "ArrowLeft" || key === "ArrowRight")) {
    return arrowOnName(grid, row, key === "ArrowRight");
  }
  if (place && key === "*") {
    callbacks.setAllOpen(true);
  } else if (place && (key === "-" || key === "+")) {
    callbacks.setOpen(row, key === "+");
  } else if (key === "Enter" && row.group) {
    if (place && place.open !== null) {
      callbacks.setOpen(row, !place.open);
    }
  } else if (key === "Enter") {
    callbacks.open(row);
  } else if ((key === "n" || key === "N") && callbacks.next) {
    callbacks.next(key === "n" ? 1 : -1);
  } else if (key === "c" && grid.callbacks.copy) {
    grid.callbacks.copy(row);
  } else if (key === "p" && !row.group) {
    callbacks.pin(row);
  } else if (key === "f" && !row.group) {
    callbacks.follow(row);
  } else {
    return false;
  }
  return true;
}

/**
 * Right opens a closed row; Left closes an open one, and on a closed one goes to its parent.
 * @param {Grid} grid
 * @param {Row} row
 * @param {boolean} right
 * @returns {boolean} whether there was something to do; else the arrow moves to the next cell
 */
function arrowOnName(grid, row, right) {
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

/**
 * Keys that move the active cell. Space selects, with Shift all from the last one on; Delete asks to end what is
 * selected, or the row's process; Escape goes back to the header, which lets the order go.
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was one of them
 */
function cellKey(grid, event) {
  if (event.altKey || event.metaKey || (event.shiftKey && event.key !== " " && event.key !== "G")) {
    return false;
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
        k: [Math.max(row > 0 ? 0 : -1, row - 1), column],
        j: [row + 1, column],
        g: [0, column],
        G: [lastRow, column],
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
    if (!grid.callbacks.endSelected?.() && active.row) {
      grid.callbacks.end(active.row);
    }
  } else if (active.row && event.key === " " && !isControl(event.target)) {
    grid.callbacks.select?.(active.row, event.shiftKey);
  } else {
    return false;
  }
  return true;
}
