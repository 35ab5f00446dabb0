/**
 * Decides whether the summary's figures are live, paused or stale. Stale means that no new reading came for some
 * intervals, or that the kernel lost the widget.
 */

import { clock } from "../ui/format.js";

/** Intervals without a reading after which the figures are stale. */
const STALE_AFTER = 3;

/** @typedef {{ time?: number, interval?: number }} Moment of a reading: Unix seconds, and seconds to the next one */

export class Staleness {
  /** @param {Moment} reading the newest one */
  constructor({ time }) {
    /** Unix seconds of the newest reading. */
    this.time = time;
    /** When the wait for the next reading began, in milliseconds. */
    this.awaited = performance.now();
  }

  /**
   * Begin to wait for the next reading if this one is new. A note that says why there is no reading comes as a change
   * too, with the time of the reading before.
   * @param {Moment} reading
   */
  take({ time }) {
    if (time !== this.time) {
      this.time = time;
      this.restart();
    }
  }

  /** Begin to wait anew, for example because the page is visible again. */
  restart() {
    this.awaited = performance.now();
  }

  /**
   * @param {Moment} reading that is shown
   * @param {{ lost: string | null, pausedAt: number | null, visible: boolean }} view why the kernel lost the widget, or
   *   null; Unix seconds, null when not paused; whether anybody can see it, because otherwise no readings come
   * @returns {{ state: "live" | "paused" | "stale", text: string }} the text is empty while the figures are live
   */
  judge({ time, interval = 0 }, { lost, pausedAt, visible }) {
    if (lost !== null) {
      return { state: "stale", text: time ? `stale since ${clock(time)}` : "" };
    }
    if (pausedAt !== null) {
      return { state: "paused", text: `paused since ${clock(pausedAt)}` };
    }
    const waited = (performance.now() - this.awaited) / 1000;
    if (visible && time && waited > STALE_AFTER * Math.max(1, interval)) {
      return { state: "stale", text: `stale since ${clock(time)}` };
    }
    return { state: "live", text: "" };
  }
}
