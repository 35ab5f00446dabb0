/**
 * Whether the order of the rows is held: for a while after the pointer moved over them or a key was pressed there, and
 * as long as a dialog or menu is about one of them. A pointer that rests holds nothing, because whoever went to fetch
 * something would come back to a table that is not sorted.
 */

/** Milliseconds after the last move or key for which the order is held. */
export const HELD_FOR = 3000;

export class Hold {
  /** @param {() => void} changed called when the order becomes held or free */
  constructor(changed) {
    this.changed = changed;
    /** What moved or was pressed last, while that holds the order. @type {"pointer" | "key" | null} */
    this.by = null;
    /** Whether a dialog or menu is about a row. */
    this.kept = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get on() {
    return this.by !== null || this.kept;
  }

  /**
   * Note a move of the pointer or a key.
   * @param {"pointer" | "key"} by
   */
  touch(by) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#set(null, this.kept), HELD_FOR);
    this.#set(by, this.kept);
  }

  /**
   * Let the order go at once, unless a dialog or menu is open.
   * @param {"pointer" | "key"} [only] only if this held it
   */
  release(only) {
    if (only === undefined || this.by === only) {
      clearTimeout(this.timer);
      this.#set(null, this.kept);
    }
  }

  /**
   * Hold it while a dialog or menu is about a row.
   * @param {boolean} kept
   */
  keep(kept) {
    this.#set(this.by, kept);
  }

  remove() {
    clearTimeout(this.timer);
  }

  /**
   * @param {"pointer" | "key" | null} by
   * @param {boolean} kept
   */
  #set(by, kept) {
    const before = this.on;
    this.by = by;
    this.kept = kept;
    if (this.on !== before) {
      this.changed();
    }
  }
}
