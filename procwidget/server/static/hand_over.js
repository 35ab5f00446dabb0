/**
 * Hands the page's models over to Jupyter's widget manager. Its messages come over a WebSocket of its own, earlier or
 * later than the page's: it happens at a message that came over both, so that none is lost and none is taken twice.
 */

/** Milliseconds after which it happens in any case: the page's WebSocket may be broken. */
const LONGEST = 3000;

/** Messages of the page's that are remembered: more than the manager can be late. */
const MOST = 500;

export class HandOver {
  constructor() {
    /** What was taken of the page's WebSocket, the oldest first. @type {Set<string>} */
    this.taken = new Set();
    /** What came over the manager's and is not taken yet. @type {Map<string, () => void>} */
    this.waiting = new Map();
    this.over = false;
    /** @type {() => void} */
    this.finish = () => {};
  }

  /**
   * Note a message that comes over the page's WebSocket.
   * @param {string} id
   * @returns {boolean} whether the page is to take it
   */
  overPage(id) {
    if (this.waiting.has(id)) this.finish();
    if (this.over) return false;
    this.taken.add(id);
    const [oldest] = this.taken;
    if (oldest && this.taken.size > MOST) this.taken.delete(oldest);
    return true;
  }

  /**
   * Note a message that comes over the manager's.
   * @param {string} id
   * @param {() => void} take
   */
  overManager(id, take) {
    const known = this.taken.has(id);
    if (this.over) {
      if (!known) take();
      return;
    }
    if (known) this.finish();
    else this.waiting.set(id, take);
  }

  /**
   * Wait for a message that came over both.
   * @param {() => void} adopt called then: the manager's models are to be used from now on
   * @returns {Promise<void>}
   */
  happen(adopt) {
    return new Promise((done) => {
      const timer = setTimeout(() => this.finish(), LONGEST);
      this.finish = () => {
        if (this.over) return;
        this.over = true;
        clearTimeout(timer);
        adopt();
        this.waiting.forEach((take) => take());
        this.waiting.clear();
        done();
      };
    });
  }
}
