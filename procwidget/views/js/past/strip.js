/**
 * The strip over the table that says which past moment is shown, and moves from one to another. While the present is
 * shown it is not there.
 */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { clock } from "../ui/format.js";

/**
 * @typedef {object} Moves
 * @property {(step: number) => void} step to the reading before (-1) or after (1)
 * @property {(when: string | number) => void} jump to what was typed, or to Unix seconds
 * @property {() => void} live back to the present
 * @property {(from: number, to: number) => void} between tell what happened from one moment to another
 */

/** @typedef {{ time: number, first: number, last: number }} Moment Unix seconds: what is shown, and what there is */

/** Milliseconds from one reading to the next while they are played. */
const PLAYED_EACH = 500;

/**
 * How long ago that was: "3 min ago".
 * @param {number} seconds
 */
export function ago(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s ago`;
  }
  const [hours, minutes] = [Math.floor(whole / 3600), Math.round((whole % 3600) / 60)];
  return hours ? `${hours} h ${minutes} min ago` : `${minutes} min ago`;
}

export class MomentStrip {
  /** @param {Moves} moves */
  constructor(moves) {
    this.moves = moves;
    /** @type {Moment | null} */
    this.moment = null;
    this.words = element("span", { class: "pw-moment-words" });
    this.mistake = element("span", { class: "pw-moment-mistake", role: "alert", hidden: true });
    this.box = element("input", {
      class: "pw-moment-jump",
      type: "text",
      "aria-label": "Jump to",
      placeholder: "10:32, 5m",
      size: "9",
      spellcheck: "false",
      autocomplete: "off",
    });
    this.slider = element("input", { class: "pw-moment-slider", type: "range", "aria-label": "Moment", step: "any" });
    this.play = button("Play", () => this.#play(this.playing === undefined), { "aria-pressed": "false" });
    /** The moment from which on an interval is to be looked at. @type {number | null} */
    this.mark = null;
    this.span = button("From here", () => this.#span(), { title: "What happened from this moment to another one" });
    this.back = button("Live", () => moves.live(), {
      class: "pw-button pw-moment-live",
      title: "Back to now (Escape)",
    });
    this.element = element(
      "div",
      { class: "pw-moment", role: "status", "aria-label": "Moment", hidden: true },
      this.words,
      button("◂", () => moves.step(-1), { "aria-label": "Reading before", title: "Reading before (t)" }),
      button("▸", () => moves.step(1), { "aria-label": "Reading after", title: "Reading after (T)" }),
      this.play,
      this.slider,
      this.box,
      this.span,
      this.mistake,
      this.back,
    );
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.box.value.trim()) {
        event.preventDefault();
        moves.jump(this.box.value.trim());
      }
    });
    this.slider.addEventListener("input", () => moves.jump(Number(this.slider.value)));
  }

  remove() {
    this.#play(false);
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
      this.mark = null;
      setText(this.span, "From here");
      this.#play(false);
      setAttribute(this.element, "data-time", null);
      return;
    }
    setAttribute(this.element, "data-time", String(moment.time));
    setText(this.words, `${clock(moment.time)}, ${ago(moment.last - moment.time)}`);
    Object.assign(this.slider, { min: String(moment.first), max: String(moment.last), value: String(moment.time) });
    setAttribute(this.slider, "aria-valuetext", clock(moment.time));
    if (moment.time >= moment.last) {
      this.#play(false);
    }
  }

  /** @param {string} sentence why there is no such moment; "" for none */
  complain(sentence) {
    setText(this.mistake, sentence);
    setHidden(this.mistake, sentence === "");
  }

  /** Note the moment that is shown, or tell what happened from the noted one to this. */
  #span() {
    const time = this.moment?.time;
    if (time === undefined) {
      return;
    }
    if (this.mark === null || this.mark === time) {
      this.mark = time;
      setText(this.span, `From ${clock(time)} to here`);
      return;
    }
    this.moves.between(Math.min(this.mark, time), Math.max(this.mark, time));
    this.mark = null;
    setText(this.span, "From here");
  }

  /** @param {boolean} on */
  #play(on) {
    clearInterval(this.playing);
    this.playing = on ? setInterval(() => this.moves.step(1), PLAYED_EACH) : undefined;
    setAttribute(this.play, "aria-pressed", String(on));
    setText(this.play, on ? "Stop" : "Play");
  }
}
