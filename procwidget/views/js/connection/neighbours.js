/**
 * The models of the dashboard's other widgets on this page: a name enters, the model leaves when the page has it. What
 * is for them comes with the table's frames, one message a tick for all; here it gets to them.
 */

/** @import { StatefulModel, WidgetManager } from "../types.js" */

export class Neighbours {
  /** @param {WidgetManager | undefined} widgets */
  constructor(widgets) {
    this.widgets = widgets;
    /** @type {Map<string, StatefulModel>} */
    this.known = new Map();
  }

  /**
   * Call `then` with a model, at once where it is known already, and not at all when the page has none of that name: a
   * page may still be loading it, and the next tick asks again.
   * @param {string} name
   * @param {(model: StatefulModel) => void} then
   */
  meet(name, then) {
    const known = this.known.get(name);
    if (known) {
      then(known);
      return;
    }
    this.#find(name).then(
      (model) => {
        if (model) {
          this.known.set(name, model);
          then(model);
        }
      },
      () => {},
    );
  }

  /** @param {string} name */
  async #find(name) {
    // Some throw at once and some reject when they have no such model.
    return this.widgets?.get_model?.(name);
  }
}
