/**
 * The strip over the table that says which past moment is shown, and moves from one to another. While the present is
 * shown it is not there; of a recording it always is.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { clock, day } from "../ui/format.js";
import { DayStrip } from "./day_strip.js";
import { Player, SPEEDS } from "./player.js";

/** @import { OverviewAnswer } from "../connection/past_messages.js" */

/**
 * @typedef {object} Moves
 * @property {(step: number) => void} step to the reading before (-1) or after (1)
 * @property {(when: string | number) => void} jump to what was typed, or to Unix seconds
 * @property {() => void} live back to the present
 * @property {(from: number, to: number) => void} between tell what happened from one moment to another
 * @property {(before: number, after: number) => void} compare tell what differs between two moments
 */

/**
 * @typedef {object} Moment Unix seconds: what is shown, what there is, and what comes after it
 * @property {number} time
 * @property {number} first
 * @property {number} last
 * @property {number | null} [next]
 * @property {string | null} [note] a sentence about it
 * @property {string} [host] its name
 */

const DAY = 86400;

/**
 * How long ago that was: "3 min ago".
 * @param {number} seconds
 */
export function ago(seconds) {
  return `${lasting(seconds)} ago`;
}

/** @param {number} seconds */
function lasting(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.round(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  }
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * Which moment that is, with its day where that is not today.
 * @param {number} time Unix seconds
 */
export function named(time) {
  return day(time) === day(Date.now() / 1000) ? clock(time) : `${day(time)} ${clock(time)}`;
}

export class MomentStrip {
  /**
   * @param {Moves} moves
   * @param {boolean} [replay] whether a recording is shown, which has no present
   */
  constructor(moves, replay = false) {
    this.moves = moves;
    this.replay = replay;
    /** @type {Moment | null} */
    this.moment = null;
    this.words = element("span", { class: "pw-moment-words" });
    this.note = element("span", { class: "pw-moment-note", hidden: true });
    this.mistake = element("span", { class: "pw-moment-mistake", role: "alert", hidden: true });
    this.box = element("input", {
      class: "pw-moment-jump",
      type: "text",
      "aria-label": "Jump to",
      placeholder: "10:32, 5m",
      title: "A time such as 10:32 or 10:32:14, how long ago such as 5m, or 2026-11-29 10:32",
      size: "11",
      spellcheck: "false",
      autocomplete: "off",
    });
    this.days = new DayStrip((time) => moves.jump(time));
    this.player = new Player(
      (time) => moves.jump(time),
      (playing) => this.#showPlaying(playing),
    );
    this.play = button("▶ Play", () => this.#play(), { "aria-pressed": "false" });
    this.speed = element("select", { class: "pw-select", "aria-label": "Speed", title: "Speed" });
    this.speed.append(...SPEEDS.map((speed) => element("option", { value: String(speed) }, `${speed} ×`)));
    this.speed.value = String(this.player.speed);
    this.speed.addEventListener("change", () => this.player.setSpeed(Number(this.speed.value)));
    /** The moment from which on an interval is to be looked at, or that is to be compared. @type {number | null} */
    this.mark = null;
    this.span = button("From here…", () => this.#span(), {
      title: "Choose this moment: then what happened from it to another one, or what differs",
    });
    this.compare = button("Compare with here", () => this.#compare(), { hidden: true });
    this.forget = button("✕", () => this.#mark(null), {
      class: "pw-button pw-sign",
      "aria-label": "Forget the chosen moment",
      hidden: true,
    });
    this.back = button(replay ? "To its end" : "Live", () => moves.live(), {
      class: "pw-button pw-moment-live",
      title: replay ? "To the newest reading" : "Back to now (Escape)",
    });
    this.dayBefore = button("‹", () => this.#day(-1), { class: "pw-button pw-sign", "aria-label": "Day before" });
    this.dayAfter = button("›", () => this.#day(1), { class: "pw-button pw-sign", "aria-label": "Day after" });
    const steps = [
      button("◂", () => moves.step(-1), {
        class: "pw-button pw-sign",
        "aria-label": "Reading before",
        title: "Reading before (t)",
      }),
      button("▸", () => moves.step(1), {
        class: "pw-button pw-sign",
        "aria-label": "Reading after",
        title: "Reading after (T)",
      }),
    ];
    this.element = element(
      "div",
      { class: "pw-moment", role: "status", "aria-label": "Moment", hidden: true },
      this.words,
      element("span", { class: "pw-moment-group" }, ...steps, this.play, this.speed),
      this.box,
      element("span", { class: "pw-moment-group" }, this.span, this.compare, this.forget),
      this.note,
      this.mistake,
      this.back,
      element("div", { class: "pw-moment-days" }, this.dayBefore, this.days.element, this.dayAfter),
    );
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.box.value.trim()) {
        event.preventDefault();
        moves.jump(this.box.value.trim());
      }
    });
  }

  remove() {
    this.player.play(false);
  }

  /**
   * Show which moment is shown, or with null that it is the present.
   * @param {Moment | null} moment
   */
  show(moment) {
    this.moment = moment;
    setHidden(this.element, moment === null);
    this.complain("");
    if (moment === null) {
      this.#mark(null);
      this.player.reach(null);
      this.player.play(false);
      setAttribute(this.element, "data-time", null);
      return;
    }
    setAttribute(this.element, "data-time", String(moment.time));
    const before = moment.last - moment.time;
    const from = this.replay ? (before > 0 ? `${lasting(before)} before its end` : "its end") : ago(before);
    setText(this.words, `${this.replay ? `Recording of ${moment.host ?? "?"}: ` : ""}${named(moment.time)}, ${from}`);
    setText(this.note, moment.note ?? "");
    this.days.move(moment.time, this.mark);
    this.player.reach({ time: moment.time, next: moment.next ?? null });
  }

  /** @param {OverviewAnswer} overview */
  showDay(overview) {
    this.days.show(overview);
    const { from, to, first, last } = overview;
    setHidden(this.dayBefore, first >= from);
    setHidden(this.dayAfter, last <= to);
    if (this.moment) {
      this.days.move(this.moment.time, this.mark);
    }
  }

  /** @param {string} sentence why there is no such moment; "" for none */
  complain(sentence) {
    setText(this.mistake, sentence);
    setHidden(this.note, sentence !== "" || !this.moment?.note);
    setAttribute(this.mistake, "hidden", sentence ? null : "");
    if (sentence) {
      this.player.play(false);
    }
  }

  #play() {
    const { player, moment } = this;
    if (!player.playing && moment && (moment.next ?? null) === null) {
      // At the end it begins anew.
      player.reach(null);
      this.moves.jump(moment.first);
    }
    player.play(!player.playing);
  }

  /** @param {boolean} playing */
  #showPlaying(playing) {
    setAttribute(this.play, "aria-pressed", String(playing));
    setText(this.play, playing ? "⏸ Pause" : "▶ Play");
    // Who hears the page would hear each step.
    setAttribute(this.element, "aria-live", playing ? "off" : null);
  }

  /** @param {number} days */
  #day(days) {
    if (this.moment) {
      const { time, first, last } = this.moment;
      this.moves.jump(Math.min(last, Math.max(first, time + days * DAY)));
    }
  }

  #span() {
    if (this.moment === null) {
      return;
    }
    const { time } = this.moment;
    const { mark } = this;
    if (mark === null) {
      this.#mark(time);
    } else if (mark !== time) {
      this.#mark(null);
      this.moves.between(Math.min(mark, time), Math.max(mark, time));
    }
  }

  #compare() {
    const { mark, moment } = this;
    if (mark !== null && moment !== null && mark !== moment.time) {
      this.#mark(null);
      this.moves.compare(Math.min(mark, moment.time), Math.max(mark, moment.time));
    }
  }

  /** @param {number | null} time */
  #mark(time) {
    this.mark = time;
    setText(this.span, time === null ? "From here…" : `From ${clock(time)} to here`);
    setHidden(this.compare, time === null);
    setHidden(this.forget, time === null);
    if (time !== null) {
      setText(this.compare, `Compare ${clock(time)} with here`);
    }
    if (this.moment) {
      this.days.move(this.moment.time, time);
    }
  }
}
