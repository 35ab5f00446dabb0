/** The newest content of each panel that any view has open, for all views of a page. Emits when some comes. */

import { Emitter } from "../ui/emitter.js";

/** @import { PanelContent } from "./protocol.js" */

export class PanelContents extends Emitter {
  constructor() {
    super();
    /** @type {Map<string, PanelContent>} */
    this.newest = new Map();
    /** Names of the optional panels that the host has something for. @type {Set<string>} */
    this.found = new Set();
  }

  /** @param {string[]} names optional panels that the host has something for; what was there once stays */
  find(names) {
    if (names.some((name) => !this.found.has(name))) {
      this.found = new Set([...this.found, ...names]);
      this.emit();
    }
  }

  /** @param {Record<string, PanelContent>} panels by name, those that changed */
  take(panels) {
    for (const [name, content] of Object.entries(panels)) {
      this.newest.set(name, content);
    }
    this.emit();
  }

  /**
   * Forget all but these: what was shown before a panel was closed is old when it is opened again.
   * @param {string[]} names
   */
  keep(names) {
    for (const name of this.newest.keys()) {
      if (!names.includes(name)) {
        this.newest.delete(name);
      }
    }
  }
}
