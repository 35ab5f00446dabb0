/**
 * Finds the models of the dashboard's other widgets on this page, so that the table's link can pass on what is for
 * them: the kernel sends one message a reading, with the table's frame, for the summary and the charts too.
 */

/** @import { StatefulModel, WidgetManager } from "../types.js" */

export class SiblingModels {
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

  /**
   * Give a model of this page some state, as if it came from the kernel.
   * @param {StatefulModel} model
   * @param {Record<string, unknown>} state
   */
  give(model, state) {
    if (model.set_state) {
      // All at once: what is drawn is drawn at each change.
      model.set_state(state);
    } else {
      Object.entries(state).forEach(([name, value]) => model.set?.(name, value));
    }
  }

  /** @param {string} name */
  async #find(name) {
    // Some throw at once and some reject when they have no such model.
    return this.widgets?.get_model?.(name);
  }
}
