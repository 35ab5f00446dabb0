/** Tells listeners when something happened: base class of the store, the selection and the link. */

/** @template {any[]} [Args=[]] */
export class Emitter {
  /** @type {Set<(...args: Args) => void>} */
  #listeners = new Set();

  /**
   * Call `listener` whenever it happens.
   * @param {(...args: Args) => void} listener
   * @returns {() => void} stops that
   */
  follow(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @param {Args} args */
  emit(...args) {
    this.#listeners.forEach((listener) => listener(...args));
  }
}
