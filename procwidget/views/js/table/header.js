/**
 * The grid's headings: what they say, and by which column the table is sorted; and what the user does to them, with
 * pointer and keys: sort, move and resize columns. A heading that was dragged is not clicked.
 */

import { element, setAttribute, setText } from "../ui/dom.js";
import { clampWidth } from "./widths.js";

/** @import { SortKey } from "../types.js" */
/** @import { Column } from "./columns.js" */
/** @import { Grid } from "./grid.js" */

/** The class of the edge that resizes a column when it is dragged. */
const GRIP = "pw-grip";

/** Pixels that a pressed pointer has to move before it counts as dragging. */
const SLACK = 5;

/** Pixels that an arrow key changes a width by. */
const STEP = 16;

/**
 * @param {Column[]} columns those shown
 * @param {Column[]} all
 */
export function headings(columns, all) {
  return columns.map((column) =>
    element(
      "div",
      {
        role: "columnheader",
        class: column.numeric ? "pw-cell pw-figure" : "pw-cell",
        "data-column": column.key,
        "aria-colindex": String(all.indexOf(column) + 1),
        tabindex: "-1",
        ...(column.fixed ? { "data-fixed": true } : {}),
      },
      column.heading?.() ?? element("span", { class: column.fixed ? "pw-unseen" : "pw-label" }, column.label),
      ...(column.fixed
        ? []
        : [element("span", { class: "pw-sort-2" }), element("span", { class: GRIP, "aria-hidden": "true" })]),
    ),
  );
}

/**
 * Say in the header by what the table is sorted.
 * @param {HTMLElement} head
 * @param {SortKey[]} sort
 */
export function showSort(head, [first, second]) {
  for (const cell of head.children) {
    if (cell.hasAttribute("data-fixed")) {
      continue;
    }
    const key = cell.getAttribute("data-column");
    setAttribute(cell, "aria-sort", first?.key !== key ? "none" : first?.descending ? "descending" : "ascending");
    const mark = /** @type {HTMLElement} */ (cell.querySelector(".pw-sort-2"));
    const isSecond = second !== undefined && second.key === key;
    setText(mark, isSecond ? `${second.descending ? "↓" : "↑"}2` : "");
    // Only one heading may have `aria-sort`; the second key is announced in words.
    const words = `second sort key, ${second?.descending ? "descending" : "ascending"}`;
    setAttribute(cell, "aria-description", isSecond ? words : null);
    setAttribute(mark, "aria-hidden", "true");
  }
}

/** @param {Grid} grid */
export function listenToHeader(grid) {
  const { head, callbacks } = grid;
  let dragged = false;
  head.addEventListener("pointerdown", (event) => {
    const heading = headingAt(event.target);
    dragged = false;
    if (event.button !== 0 || heading === null || heading.hasAttribute("data-fixed")) {
      return;
    }
    if (/** @type {Element} */ (event.target).classList.contains(GRIP)) {
      // Keep the page from selecting text meanwhile.
      event.preventDefault();
      dragged = true;
      resize(grid, heading, event);
    } else {
      drag(grid, heading, event, () => (dragged = true));
    }
  });
  head.addEventListener("click", (event) => {
    const heading = headingAt(event.target);
    if (!dragged && heading && !heading.hasAttribute("data-fixed")) {
      callbacks.sort(keyOf(heading), event.shiftKey);
    }
    dragged = false;
  });
  head.addEventListener("dblclick", ({ target }) => {
    const heading = headingAt(target);
    if (heading && /** @type {Element} */ (target).classList.contains(GRIP)) {
      callbacks.resize(keyOf(heading), null);
    }
  });
}

/**
 * Keys on a heading.
 * @param {Grid} grid
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was one of them
 */
export function headerKey(grid, event) {
  const heading = headingAt(event.target);
  if (heading === null || heading.hasAttribute("data-fixed") || event.altKey || event.metaKey) {
    return false;
  }
  const key = keyOf(heading);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.shiftKey && step !== undefined) {
    if (event.ctrlKey) {
      grid.callbacks.move(key, movable(grid).indexOf(key) + step);
    } else {
      grid.callbacks.resize(key, clampWidth(heading.getBoundingClientRect().width + step * STEP));
    }
  } else if ((event.key === "Enter" || event.key === " ") && !event.ctrlKey) {
    grid.callbacks.sort(key, event.shiftKey);
  } else {
    return false;
  }
  return true;
}

/** @param {Grid} grid */
function movable(grid) {
  return grid.columns.filter(({ fixed }) => !fixed).map(({ key }) => key);
}

/**
 * @param {Grid} grid
 * @param {HTMLElement} heading
 * @param {PointerEvent} event
 */
function resize(grid, heading, event) {
  const key = keyOf(heading);
  const before = heading.getBoundingClientRect().width;
  track(grid.head, event, {
    move: ({ clientX }) => grid.callbacks.resize(key, clampWidth(before + clientX - event.clientX)),
    end: () => {},
  });
}

/**
 * @param {Grid} grid
 * @param {HTMLElement} heading
 * @param {PointerEvent} event
 * @param {() => void} begun
 */
function drag(grid, heading, event, begun) {
  const key = keyOf(heading);
  /** @type {HTMLElement | null} */
  let over = null;
  let after = false;
  let moving = false;
  const unmark = () => over?.removeAttribute("data-drop");
  track(grid.head, event, {
    move: ({ clientX }) => {
      if (!moving && Math.abs(clientX - event.clientX) > SLACK) {
        moving = true;
        begun();
        heading.setAttribute("data-dragged", "");
      }
      if (!moving) {
        return;
      }
      unmark();
      const headings = [.../** @type {HTMLCollectionOf<HTMLElement>} */ (grid.head.children)];
      over =
        headings.find((one) => {
          const { left, right } = one.getBoundingClientRect();
          return clientX >= left && clientX < right && !one.hasAttribute("data-fixed");
        }) ?? null;
      if (over) {
        const { left, width } = over.getBoundingClientRect();
        after = clientX > left + width / 2;
        over.setAttribute("data-drop", after ? "after" : "before");
      }
    },
    end: (dropped) => {
      unmark();
      heading.removeAttribute("data-dragged");
      if (dropped && moving && over && over !== heading) {
        const keys = movable(grid).filter((one) => one !== key);
        grid.callbacks.move(key, keys.indexOf(keyOf(over)) + (after ? 1 : 0));
      }
    },
  });
}

/**
 * Follow a pressed pointer until it is released.
 * @param {HTMLElement} on
 * @param {PointerEvent} start
 * @param {{ move: (event: PointerEvent) => void, end: (dropped: boolean) => void }} then
 */
function track(on, start, { move, end }) {
  const stop = (/** @type {Event} */ event) => {
    window.removeEventListener("pointermove", follow);
    window.removeEventListener("pointerup", stop);
    window.removeEventListener("pointercancel", stop);
    on.removeAttribute("data-busy");
    end(event.type === "pointerup");
  };
  const follow = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId === start.pointerId) {
      move(event);
    }
  };
  on.setAttribute("data-busy", "");
  window.addEventListener("pointermove", follow);
  window.addEventListener("pointerup", stop);
  window.addEventListener("pointercancel", stop);
}

/** @param {EventTarget | null} target */
function headingAt(target) {
  return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest('[role="columnheader"]')) : null;
}

/** @param {HTMLElement} heading */
function keyOf(heading) {
  return heading.getAttribute("data-column") ?? "";
}
