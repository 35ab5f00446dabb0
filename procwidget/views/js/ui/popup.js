/**
 * Panels that open beside what they belong to: whether one is to be open enters. It is shown above all else on the page,
 * for a notebook's output would cut it off, where there is more room, and stays there while the page scrolls.
 */

/** Pixels to what it belongs to, and at least to the window's edges. */
const [GAP, EDGE] = [2, 6];

export class Popup {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLElement} owner
   */
  constructor(panel, owner) {
    this.panel = panel;
    this.owner = owner;
    this.place = this.place.bind(this);
    panel.setAttribute("popover", "manual");
    panel.classList.add("pw-popup");
    panel.hidden = true;
  }

  get open() {
    return !this.panel.hidden;
  }

  /** @param {boolean} open */
  show(open) {
    if (open === this.open) {
      return;
    }
    this.panel.hidden = !open;
    const change = open ? window.addEventListener : window.removeEventListener;
    change.call(window, "scroll", this.place, { capture: true });
    change.call(window, "resize", this.place);
    if (open) {
      this.panel.showPopover?.();
      this.place();
    } else {
      this.panel.hidePopover?.();
    }
  }

  /** Put it under its owner, or over it, wherever more of it can be seen. */
  place() {
    const { panel, owner } = this;
    if (!owner.isConnected) {
      this.show(false);
      return;
    }
    const { left, top, bottom, width } = owner.getBoundingClientRect();
    const below = window.innerHeight - bottom;
    const under = below >= Math.min(top, panel.scrollHeight + GAP + EDGE);
    panel.style.minWidth = `${width}px`;
    panel.style.maxHeight = `${(under ? below : top) - GAP - EDGE}px`;
    panel.style.top = under ? `${bottom + GAP}px` : "auto";
    panel.style.bottom = under ? "auto" : `${window.innerHeight - top + GAP}px`;
    panel.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - panel.offsetWidth - EDGE))}px`;
  }
}
