/**
 * The button "View" with its panel: ready-made views and one's own, whether threads of the kernel are shown, and the
 * button that forgets what was chosen.
 */

import { Disclosure } from "../ui/disclosure.js";
import { button, element, isOutside, uniqueId } from "../ui/dom.js";
import { PRESETS } from "./presets.js";

/** @import { Preset } from "./presets.js" */

export class ViewMenu {
  /**
   * @param {object} on
   * @param {(preset: Preset) => void} on.show
   * @param {() => Preset | null} on.mine
   * @param {() => void} on.keep called to make the present view one's own
   * @param {() => void} on.reset
   * @param {() => boolean} on.kernelThreads
   * @param {(shown: boolean) => void} on.setKernelThreads
   */
  constructor(on) {
    this.on = on;
    this.presets = element("div", { class: "pw-presets", role: "group", "aria-label": "Ready-made views" });
    for (const [name, preset] of PRESETS) {
      this.presets.append(button(name, () => this.#close(() => on.show(preset)), { class: "pw-button pw-preset" }));
    }
    this.mine = button("Mine", () => this.#close(() => this.#showMine()), { class: "pw-button pw-preset" });
    this.presets.append(this.mine);
    this.threads = element("input", { type: "checkbox" });
    this.threads.addEventListener("change", () => on.setKernelThreads(this.threads.checked));
    this.panel = element(
      "div",
      { class: "pw-menu pw-view-menu", id: uniqueId("view"), role: "group", "aria-label": "View" },
      this.presets,
      element("label", { class: "pw-switch" }, this.threads, " Threads of the kernel"),
      element("div", { class: "pw-menu-note" }, "Columns, sorting, rows and details are as you left them next time."),
      button("Keep this as Mine", () => {
        on.keep();
        this.mine.disabled = false;
      }),
      button("Reset my view", () => this.#close(on.reset)),
    );
    this.outside = (/** @type {Event} */ { target }) => {
      if (isOutside(this.element, target)) {
        this.disclosure.show(false);
      }
    };
    this.disclosure = new Disclosure("View", this.panel, {
      opened: () => {
        this.threads.checked = on.kernelThreads();
        this.mine.disabled = on.mine() === null;
        document.addEventListener("pointerdown", this.outside);
      },
      closed: () => this.remove(),
    });
    this.element = this.disclosure.element;
  }

  remove() {
    this.disclosure?.popup.show(false);
    document.removeEventListener("pointerdown", this.outside);
  }

  /** @param {() => void} then */
  #close(then) {
    this.disclosure.show(false);
    this.disclosure.button.focus();
    then();
  }

  #showMine() {
    const mine = this.on.mine();
    if (mine) {
      this.on.show(mine);
    }
  }
}
