/**
 * The button "View" with its panel: ready-made views and one's own, whether threads of the kernel are shown, and the
 * button that forgets what was chosen.
 */

import { Disclosure } from "../ui/disclosure.js";
import { button, element, isOutside, uniqueId } from "../ui/dom.js";
import { PRESETS } from "./presets.js";

/** @import { MyView, View } from "./my_view.js" */
/** @import { Choices } from "./saved_choices.js" */

export class ViewMenu {
  /**
   * @param {Choices} choices
   * @param {MyView} myView
   * @param {object} on
   * @param {() => View} on.usual how the table is where nobody chose
   * @param {(view: View) => void} on.show
   * @param {() => void} on.filtered called when other rows are shown
   */
  constructor(choices, myView, on) {
    this.choices = choices;
    this.on = on;
    this.presets = element("div", { class: "pw-presets", role: "group", "aria-label": "Ready-made views" });
    for (const { title, ...preset } of PRESETS.values()) {
      this.presets.append(
        button(title, () => this.#close(() => on.show(structuredClone(preset))), { class: "pw-button pw-preset" }),
      );
    }
    this.mine = button("Mine", () => this.#close(() => this.#showMine()), { class: "pw-button pw-preset" });
    this.presets.append(this.mine);
    this.threads = element("input", { type: "checkbox" });
    this.threads.addEventListener("change", () => {
      choices.kernelThreads = this.threads.checked;
      on.filtered();
    });
    this.panel = element(
      "div",
      { class: "pw-menu pw-view-menu", id: uniqueId("view"), role: "group", "aria-label": "View" },
      this.presets,
      element("label", { class: "pw-switch" }, this.threads, " Threads of the kernel"),
      element("div", { class: "pw-menu-note" }, "Columns, sorting, rows and details are as you left them next time."),
      button("Keep this as Mine", () => {
        const { sort, columns, kind } = choices;
        choices.mine = structuredClone({ sort, columns, kind });
        myView.keep(choices);
        this.mine.disabled = false;
      }),
      button("Reset my view", () =>
        this.#close(() => {
          myView.reset();
          on.show(on.usual());
        }),
      ),
    );
    this.outside = (/** @type {Event} */ { target }) => {
      if (isOutside(this.element, target)) {
        this.disclosure.show(false);
      }
    };
    this.disclosure = new Disclosure("View", this.panel, {
      opened: () => {
        this.threads.checked = choices.kernelThreads;
        this.mine.disabled = choices.mine === null;
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
    const { mine } = this.choices;
    if (mine) {
      this.on.show(structuredClone(mine));
    }
  }
}
