/**
 * The buttons that open and close panels, and the panels that are open, in the order of the buttons. Which panels there
 * are, and what they say, comes from Python (views/panels.py); nothing comes for those that are closed.
 */

import { button, element, setAttribute, setHidden } from "../ui/dom.js";
import { Panel } from "./panel.js";

/** @import { PanelContents } from "../connection/panel_contents.js" */

/** @typedef {{ name: string, title: string, optional?: boolean }} PanelName optional: not every host has it */

export class PanelBar {
  /**
   * @param {PanelName[]} panels
   * @param {string[]} open names of those that are open at first
   * @param {PanelContents} contents
   * @param {{ opened: (names: string[]) => void, watches: () => boolean }} on `opened` with the names of all that are
   *   open when that changed; `watches` says whether figures may change now
   */
  constructor(panels, open, contents, on) {
    this.names = panels;
    this.contents = contents;
    this.on = on;
    /** @type {Map<string, Panel>} */
    this.open = new Map();
    this.buttons = new Map(
      panels.map(({ name, title }) => [
        name,
        button(title, () => this.#toggle(name), { class: "pw-button pw-panel-button", "aria-expanded": "false" }),
      ]),
    );
    this.area = element("div", { class: "pw-panel-area" });
    this.buttonGroup = element("div", { class: "pw-panel-buttons", role: "group", "aria-label": "Panels" });
    this.buttonGroup.append(...this.buttons.values());
    this.buttonGroup.hidden = panels.length === 0;
    for (const { name } of panels) {
      if (open.includes(name)) {
        this.#add(name);
      }
    }
    this.#place();
    this.stopFollowing = contents.follow(() => {
      this.#offer();
      this.#schedule();
    });
    this.drawing = 0;
    this.draw();
  }

  remove() {
    this.stopFollowing();
    cancelAnimationFrame(this.drawing);
  }

  /** Show the newest figures of the panels that are open, unless nobody is to see them change. */
  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    for (const [name, panel] of this.open) {
      const content = this.contents.newest.get(name);
      if (content) {
        panel.show(content);
      }
    }
  }

  /**
   * Have these panels open, and no others.
   * @param {string[]} names
   */
  show(names) {
    for (const { name } of this.names) {
      if (!names.includes(name)) {
        this.open.delete(name);
      } else if (!this.open.has(name)) {
        this.#add(name);
      }
    }
    this.#changed();
  }

  #changed() {
    this.#place();
    this.on.opened([...this.open.keys()]);
  }

  #schedule() {
    if (this.on.watches() && this.open.size && !this.drawing) {
      this.drawing = requestAnimationFrame(() => this.draw());
    }
  }

  /** @param {string} name */
  #toggle(name) {
    const wasOpen = this.open.delete(name);
    if (wasOpen) {
      // The focus was perhaps on the panel's own button.
      this.buttons.get(name)?.focus();
    } else {
      this.#add(name);
    }
    this.#changed();
  }

  /** @param {string} name */
  #add(name) {
    const title = this.names.find((panel) => panel.name === name)?.title ?? name;
    const panel = new Panel(title, () => this.#toggle(name));
    panel.show({ facts: [], tables: [], notes: ["Its figures come with the next reading."] });
    this.open.set(name, panel);
  }

  /** Show the buttons of the panels that this host has something for, and of those that are open. */
  #offer() {
    for (const { name, optional } of this.names) {
      const opener = this.buttons.get(name);
      if (optional && opener) {
        setHidden(opener, !this.open.has(name) && !this.contents.found.has(name));
      }
    }
  }

  #place() {
    this.#offer();
    for (const [name, opener] of this.buttons) {
      const panel = this.open.get(name);
      setAttribute(opener, "aria-expanded", String(panel !== undefined));
      setAttribute(opener, "aria-controls", panel?.element.id ?? null);
    }
    const wanted = this.names.flatMap(({ name }) => this.open.get(name)?.element ?? []);
    this.area.replaceChildren(...wanted);
  }
}
