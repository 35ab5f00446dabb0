/**
 * A menu at a place on the page, for the thing that was clicked there, with the keys of the WAI-ARIA menu pattern. It
 * closes when something of it was done, at Escape, and when one goes elsewhere.
 */

import { element, isOutside } from "./dom.js";

/** Pixels that are left between the menu and the edges of the window. */
const EDGE = 6;

/** @typedef {{ label: string, act: (() => void) | null }} Item without `act` it is only read */

export class ContextMenu {
  /**
   * @param {HTMLElement} host what the menu is put into
   * @param {string} label
   * @param {Item[][]} groups of items; a line stands between two groups
   * @param {() => void} closed called once, with the focus still where it was
   */
  constructor(host, label, groups, closed) {
    this.closed = closed;
    this.items = groups.flat().map((item) => this.#item(item));
    this.element = element("div", { role: "menu", class: "pw-actions pw-row-menu", "aria-label": label });
    let at = 0;
    for (const group of groups.filter(({ length }) => length > 0)) {
      if (at > 0) {
        this.element.append(element("div", { role: "separator", class: "pw-menu-line" }));
      }
      this.element.append(...this.items.slice(at, (at += group.length)));
    }
    this.element.setAttribute("popover", "manual");
    this.element.classList.add("pw-popup");
    host.append(this.element);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("contextmenu", (event) => event.preventDefault());
    this.outside = (/** @type {Event} */ { target }) => {
      if (isOutside(this.element, target)) {
        this.close();
      }
    };
    document.addEventListener("pointerdown", this.outside, true);
    window.addEventListener("blur", this.outside);
  }

  /**
   * @param {number} x pixels from the window's left
   * @param {number} y pixels from its top
   */
  open(x, y) {
    const { element: menu } = this;
    menu.showPopover?.();
    menu.style.maxHeight = `${window.innerHeight - 2 * EDGE}px`;
    menu.style.left = `${Math.max(EDGE, Math.min(x, window.innerWidth - menu.offsetWidth - EDGE))}px`;
    menu.style.top = `${Math.max(EDGE, Math.min(y, window.innerHeight - menu.offsetHeight - EDGE))}px`;
    this.items[0]?.focus({ preventScroll: true });
  }

  close() {
    if (!this.element.isConnected) {
      return;
    }
    document.removeEventListener("pointerdown", this.outside, true);
    window.removeEventListener("blur", this.outside);
    this.closed();
    this.element.remove();
  }

  /** @param {Item} item */
  #item({ label, act }) {
    const made = element(
      "button",
      { type: "button", role: "menuitem", tabindex: "-1", ...(act ? {} : { "aria-disabled": "true" }) },
      label,
    );
    made.addEventListener("click", () => {
      if (act) {
        this.close();
        act();
      }
    });
    return made;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { items } = this;
    const at = items.findIndex((item) => item === document.activeElement);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: at <= 0 ? items.length - 1 : at - 1,
      Home: 0,
      End: items.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      items[to]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      this.close();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const next = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) =>
        item.textContent?.toLowerCase().startsWith(letter),
      );
      next?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
