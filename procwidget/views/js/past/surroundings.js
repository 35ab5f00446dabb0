/**
 * What is around a past moment that is shown: the charts that end near it, and the strip of the day. Both are asked for
 * when the moment stays, and not for each one that somebody scrubs over.
 */

import { overview, pastCharts } from "../connection/past_messages.js";

/** @import { Link } from "../connection/link.js" */
/** @import { MomentAnswer, OverviewAnswer } from "../connection/past_messages.js" */

/** Milliseconds for which a moment is shown before its charts are asked for. */
const STAYS = 200;

/** Milliseconds after which the strip may lack what was read since. */
const OLD = 30_000;

/** Which part of the charts is after the moment. */
const AFTER = 0.25;

export class Surroundings {
  /**
   * @param {Link} link
   * @param {(answer: OverviewAnswer) => void} showDay
   */
  constructor(link, showDay) {
    this.link = link;
    this.showDay = showDay;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
    this.asked = -Infinity;
    /** @type {OverviewAnswer | null} */
    this.day = null;
  }

  remove() {
    clearTimeout(this.timer);
  }

  /**
   * @param {MomentAnswer} moment that is shown
   * @param {boolean} inDay whether the strip has it
   */
  follow(moment, inDay) {
    this.#followDay(moment, inDay);
    const { charts } = this.link;
    const ago = charts.time - moment.time;
    clearTimeout(this.timer);
    if (charts.charts.length > 0 && !(ago >= 0 && ago <= charts.shown)) {
      const until = Math.min(moment.last, moment.time + AFTER * charts.span);
      this.timer = setTimeout(() => this.#askCharts(until), STAYS);
    }
  }

  /**
   * @param {MomentAnswer} moment
   * @param {boolean} inDay
   */
  #followDay({ time, last }, inDay) {
    const newer = this.day !== null && last - this.day.last > this.day.width;
    const now = performance.now();
    if ((inDay && !newer) || (inDay && now - this.asked < OLD) || now - this.asked < STAYS) {
      return;
    }
    this.asked = now;
    this.link.request(overview(time), (answer) => {
      if (answer.result === "overview") {
        this.day = answer;
        this.showDay(answer);
      }
    });
  }

  /** @param {number} until Unix seconds */
  #askCharts(until) {
    this.link.request(pastCharts(until), (answer, [points]) => {
      if (answer.result === "charts" && this.link.held) {
        this.link.charts.take(answer.charts, points, answer.until);
      }
    });
  }
}
