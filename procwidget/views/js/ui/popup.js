/**
 * Panels that open beside the element that they belong to. A panel is in the page's top layer, because a notebook's
 * output would cut it off; it opens on the side with more room and follows its owner while the page scrolls.
 */

/** Pixels between panel and owner, and at least between panel and window edges. */
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

  /** Place it under its owner or over it, where more of it is visible. */
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
