/**
 * Plays what was read, reading by reading or faster. One step is asked for at a time, and the next one once it is shown,
 * so that a slow kernel plays slowly and is never flooded.
 */

/** @typedef {{ time: number, next: number | null }} Place the moment that is shown, and that of the reading after it */

/** How many seconds pass in one. */
export const SPEEDS = [1, 5, 20, 100, 500];

/** Seconds between two steps at least, and at most: over a hole one goes at once. */
const [SHORTEST, LONGEST] = [0.25, 2];

/**
 * The next step.
 * @param {Place & { next: number }} place
 * @param {number} speed
 * @returns {{ to: number, wait: number }} Unix seconds, and the seconds until then
 */
export function stepFrom({ time, next }, speed) {
  const forward = Math.max(next - time, SHORTEST * speed);
  return { to: time + forward, wait: Math.min(LONGEST, forward / speed) };
}

export class Player {
  /**
   * @param {(time: number) => void} go
   * @param {(playing: boolean) => void} changed
   */
  constructor(go, changed) {
    this.go = go;
    this.changed = changed;
    this.speed = SPEEDS[1] ?? 1;
    this.playing = false;
    /** @type {Place | null} */
    this.place = null;
    this.due = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  }

  /** @param {boolean} on */
  play(on) {
    clearTimeout(this.due);
    if (on !== this.playing) {
      this.playing = on;
      this.changed(on);
    }
    this.#goOn();
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed;
    this.play(this.playing);
  }

  /** @param {Place | null} place that is shown now */
  reach(place) {
    this.place = place;
    clearTimeout(this.due);
    this.#goOn();
  }

  #goOn() {
    const { place } = this;
    if (!this.playing || place === null) {
      return;
    }
    if (place.next === null) {
      this.play(false);
      return;
    }
    const { to, wait } = stepFrom({ ...place, next: place.next }, this.speed);
    this.due = setTimeout(() => this.go(to), 1000 * wait);
  }
}
