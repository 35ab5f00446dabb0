/** What the views of a page need from the kernel, such as fields or panels: told when all of them together need others. */

export class Demand {
  /** @param {(all: string[]) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {Map<object, string[]>} */
    this.of = new Map();
    this.told = "";
  }

  /** What any view needs, in order. */
  get all() {
    return [...new Set([...this.of.values()].flat())].sort();
  }

  /**
   * Note what a view needs.
   * @param {object} view
   * @param {string[]} needs
   */
  set(view, needs) {
    if (needs.join() !== (this.of.get(view) ?? []).join()) {
      this.of.set(view, needs);
      this.#tell(this.told);
    }
  }

  /** @param {object} view that needs nothing any more */
  forget(view) {
    this.of.delete(view);
    // The kernel forgets what the last one needed when that ceases to watch.
    if (this.of.size > 0) {
      this.#tell(this.told);
    }
  }

  /** Tell it to whoever knows of nothing. */
  tellAnew() {
    this.#tell("");
  }

  /** @param {string} before what was told */
  #tell(before) {
    const { all } = this;
    this.told = all.join();
    if (this.told !== before) {
      this.tell(all);
    }
  }
}
