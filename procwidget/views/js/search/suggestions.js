/**
 * The list of completions under the search box. No entry is active until the user moves into the list, so that Enter
 * and Tab mean what they always do. The focus stays in the box.
 */

import { element, setAttribute, uniqueId } from "../ui/dom.js";
import { Popup } from "../ui/popup.js";

/** @import { Proposal, Proposals } from "./completion.js" */

export class Suggestions {
  /**
   * @param {HTMLInputElement} input
   * @param {(proposal: Proposal, proposals: Proposals) => void} take
   */
  constructor(input, take) {
    this.input = input;
    this.take = take;
    /** @type {Proposals | null} */
    this.proposals = null;
    this.active = -1;
    this.id = uniqueId("suggestions");
    this.element = element("div", {
      role: "listbox",
      id: this.id,
      class: "pw-suggestions",
      "aria-label": "Completions",
    });
    this.popup = new Popup(this.element, input);
    setAttribute(input, "aria-autocomplete", "list");
    // Pressing the pointer must not take the focus out of the box, which would close the list before the click.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.element.addEventListener("click", ({ target }) => {
      const option = target instanceof Element ? target.closest('[role="option"]') : null;
      this.#takeAt(option ? [...this.element.children].indexOf(option) : -1);
    });
  }

  get open() {
    return this.proposals !== null;
  }

  /** @param {Proposals | null} proposals null closes it */
  show(proposals) {
    this.proposals = proposals;
    const list = proposals?.list ?? [];
    this.element.replaceChildren(
      ...list.map(({ text, hint }, at) =>
        element(
          "div",
          { role: "option", id: `${this.id}-${at}`, class: "pw-suggestion", "aria-selected": "false" },
          element("b", {}, text),
          element("span", {}, hint),
        ),
      ),
    );
    this.popup.show(proposals !== null);
    setAttribute(this.input, "aria-controls", proposals ? this.id : null);
    this.#activate(-1);
  }

  /**
   * Handle a key.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was handled
   */
  handle(event) {
    if (this.proposals === null || event.ctrlKey || event.metaKey || event.shiftKey) {
      return false;
    }
    const { length } = this.proposals.list;
    if (event.key === "ArrowDown") {
      this.#activate((this.active + 1) % length);
    } else if (event.key === "ArrowUp" && this.active >= 0) {
      this.#activate(this.active - 1);
    } else if (event.key === "Escape") {
      this.show(null);
    } else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0) {
      this.#takeAt(this.active);
    } else {
      return false;
    }
    return true;
  }

  /** @param {number} at */
  #takeAt(at) {
    const { proposals } = this;
    const proposal = proposals?.list[at];
    if (proposals && proposal) {
      this.show(null);
      this.take(proposal, proposals);
    }
  }

  /** @param {number} at -1 for none */
  #activate(at) {
    this.element.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = at;
    const option = this.element.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView?.({ block: "nearest" });
    setAttribute(this.input, "aria-activedescendant", option?.id ?? null);
  }
}
