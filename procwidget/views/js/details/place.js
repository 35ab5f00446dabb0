/**
 * Where the panel of details is: beside the rows, or below them, over the last ones. It takes room from the table and
 * never from the page, so nothing outside of the table moves. The user sizes it by its edge, with pointer or arrows.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";

/** @import { PlaceChoices } from "../layout/saved_choices.js" */

/** The table's width from which on it is beside the rows, where nobody chose, and below which it never is. */
const [ROOMY, LEAST_ROOM] = [1000, 640];

/** Pixels: the least size of the panel, what stays for the rows, and what an arrow key changes. */
const [LEAST, LEFT, STEP] = [120, 120, 24];

export class DetailsPlace {
  /**
   * @param {HTMLElement} panel
   * @param {{ place: PlaceChoices }} choices its `place` is replaced at each change
   * @param {(covered: number) => void} placed called with how many pixels of the rows it lies over
   */
  constructor(panel, choices, placed) {
    this.panel = panel;
    this.given = choices;
    this.placed = placed;
    /** @type {HTMLElement | null} */
    this.main = null;
    this.button = button("", () => this.#turn(), { class: "pw-button pw-place" });
    this.edge = element("div", {
      class: "pw-edge",
      role: "separator",
      tabindex: "0",
      "aria-label": "Size of the details",
    });
    this.edge.addEventListener("pointerdown", (event) => this.#drag(event));
    this.edge.addEventListener("keydown", (event) => this.#key(event));
    panel.prepend(this.edge);
  }

  get choices() {
    return this.given.place;
  }

  /** @param {HTMLElement} main what has the table and the panel in it */
  attach(main) {
    this.main = main;
    this.apply();
  }

  get beside() {
    const width = this.main?.clientWidth ?? 0;
    return width >= LEAST_ROOM && (this.choices.beside ?? width >= ROOMY);
  }

  /** Put it where it belongs now: call it when it opens or closes and when the table's width changes. */
  apply() {
    const { main, panel, edge, beside } = this;
    if (main === null) {
      return;
    }
    const room = beside ? main.clientWidth : main.clientHeight;
    const most = Math.max(LEAST, room - LEFT);
    const size = Math.min(most, Math.max(LEAST, beside ? this.choices.width : this.choices.height));
    setAttribute(main, "data-details", panel.hidden ? null : beside ? "beside" : "below");
    main.style.setProperty("--pw-details-size", `${size}px`);
    setAttribute(edge, "aria-orientation", beside ? "vertical" : "horizontal");
    setAttribute(edge, "aria-valuemin", String(LEAST));
    setAttribute(edge, "aria-valuemax", String(most));
    setAttribute(edge, "aria-valuenow", String(size));
    setText(this.button, beside ? "Below" : "Beside");
    this.button.title = beside ? "Show the details below the rows" : "Show the details beside the rows";
    setHidden(this.button, main.clientWidth < LEAST_ROOM);
    this.placed(panel.hidden || beside ? 0 : size);
  }

  #turn() {
    this.given.place = { ...this.choices, beside: !this.beside };
    this.apply();
  }

  /** @param {number} size */
  #size(size) {
    this.given.place = { ...this.choices, [this.beside ? "width" : "height"]: Math.max(LEAST, Math.round(size)) };
    this.apply();
  }

  /** @param {PointerEvent} start */
  #drag(start) {
    start.preventDefault();
    const { beside, panel, edge } = this;
    const before = beside ? panel.offsetWidth : panel.offsetHeight;
    edge.setPointerCapture?.(start.pointerId);
    const move = (/** @type {PointerEvent} */ event) => {
      this.#size(before + (beside ? start.clientX - event.clientX : start.clientY - event.clientY));
    };
    edge.addEventListener("pointermove", move);
    for (const type of ["pointerup", "pointercancel"]) {
      edge.addEventListener(type, () => edge.removeEventListener("pointermove", move), { once: true });
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const larger = this.beside ? "ArrowLeft" : "ArrowUp";
    const smaller = this.beside ? "ArrowRight" : "ArrowDown";
    if (event.key === larger || event.key === smaller) {
      const now = Number(this.edge.getAttribute("aria-valuenow"));
      this.#size(now + (event.key === larger ? STEP : -STEP));
      event.preventDefault();
      event.stopPropagation();
    }
  }
}
