/**
 * Shows a view a past moment instead of the present: asks the kernel for it, gives the store its table and the summary
 * its words, and says so in the strip and on the dashboard's element, which the other parts and the style sheets read.
 * The kernel goes on reading, and other pages see the present. A recording has no present: its end is shown at first.
 */

import { momentOf } from "../connection/past_messages.js";
import { BETWEEN, GO_TO, MOMENT } from "../ui/past_events.js";
import { Intervals } from "./intervals.js";
import { Surroundings } from "./surroundings.js";
import { MomentStrip } from "./strip.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer } from "../connection/answers.js" */
/** @import { MomentAnswer } from "../connection/past_messages.js" */
/** @import { Store } from "../rows/store.js" */

const TYPING = 'input:not([type="checkbox"]):not([type="range"]), textarea, dialog';

/** Milliseconds from one request to the next while somebody scrubs, and after which no answer is awaited any more. */
const [PAUSE, PATIENCE] = [80, 3000];

const END = "0s";

/** What only the present has: the style sheet hides it in the past. */
const OF_NOW = ".pw-end, .pw-selection-bar, .pw-controls";

/** @typedef {{ when: string | number | null, step: number, then: () => void }} Wanted null is what is shown then */

export class ShownMoment {
  /**
   * @param {Link} link
   * @param {Store} store
   * @param {{ replay?: boolean, show?: (identity: string) => void }} [on] whether a recording is shown; `show` is called
   *   to show a process in the table that is there
   * @param {() => number} [now] milliseconds
   */
  constructor(link, store, { replay = false, show = () => {} } = {}, now = () => performance.now()) {
    this.now = now;
    this.link = link;
    this.store = store;
    this.replay = replay;
    this.show = show;
    this.dashboard = /** @type {HTMLElement | null} */ (null);
    /** The moment of which the strip tells. @type {MomentAnswer | null} */
    this.shown = null;
    this.asked = 0;
    this.sent = -Infinity;
    this.waiting = false;
    /** What to ask for next. @type {Wanted | null} */
    this.wanted = null;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
    this.strip = new MomentStrip(
      {
        step: (step) => this.step(step),
        jump: (when) => this.go(when),
        live: () => this.live(),
        between: (from, to) => this.intervals.between(from, to),
        compare: (before, after) => this.intervals.compare(before, after),
      },
      replay,
    );
    this.intervals = new Intervals(link, {
      complain: (sentence) => this.#complain(sentence),
      go: (identity, when, step) => this.go(when, step, () => show(identity)),
    });
    this.surroundings = new Surroundings(link, (overview) => this.strip.showDay(overview));
    this.hear = (/** @type {Event} */ event) => {
      this.go(/** @type {CustomEvent<{ when: string | number }>} */ (event).detail.when);
    };
    this.hearBetween = (/** @type {Event} */ event) => {
      const { from, to } = /** @type {CustomEvent<{ from: string | number, to: string | number }>} */ (event).detail;
      this.intervals.between(from, to);
    };
    this.press = (/** @type {KeyboardEvent} */ event) => this.#press(event);
    // In the table Escape has a use of its own, for which there is no need in the past.
    this.pressInTable = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && event.target instanceof Element && event.target.closest(".pw-grid")) {
        this.#press(event);
      }
    };
    // What has no focus, as after a click in a chart; in JupyterLab that is the notebook's.
    this.pressElsewhere = (/** @type {KeyboardEvent} */ event) => {
      if (event.target === document.body) {
        this.#press(event);
      }
    };
    /** What had the focus before it was hidden. @type {Element | null} */
    this.left = null;
    this.stop = store.follow(() => {
      this.#follow();
      if (replay && this.time === null && this.wanted === null && !this.waiting) {
        this.go(END);
      }
    });
  }

  /** Go where Python asks to. */
  obey() {
    this.link.onGo = (when) => (when === null ? this.live() : this.go(when));
  }

  /** The moment that is shown, in Unix seconds; null for the present. */
  get time() {
    return this.shown?.time ?? null;
  }

  /** @param {HTMLElement} dashboard */
  attach(dashboard) {
    this.detach();
    this.dashboard = dashboard;
    if (this.replay) {
      dashboard.dataset["replay"] = "true";
    }
    dashboard.addEventListener(GO_TO, this.hear);
    dashboard.addEventListener(BETWEEN, this.hearBetween);
    dashboard.addEventListener("keydown", this.pressInTable, true);
    dashboard.addEventListener("keydown", this.press);
    document.addEventListener("keydown", this.pressElsewhere);
  }

  detach() {
    this.dashboard?.removeEventListener(GO_TO, this.hear);
    this.dashboard?.removeEventListener(BETWEEN, this.hearBetween);
    this.dashboard?.removeEventListener("keydown", this.pressInTable, true);
    this.dashboard?.removeEventListener("keydown", this.press);
    document.removeEventListener("keydown", this.pressElsewhere);
  }

  remove() {
    this.stop();
    this.#leave();
    this.strip.remove();
    this.surroundings.remove();
    this.detach();
  }

  /**
   * Show a moment.
   * @param {string | number | null} when Unix seconds, a text such as "10:32" or "5m", or null for what is shown
   * @param {number} [step] how many readings before (-1) or after (1) that
   * @param {() => void} [then] called once it is shown
   */
  go(when, step = 0, then = () => {}) {
    this.wanted = { when, step, then };
    this.#send();
  }

  /**
   * @param {number} step -1 or 1
   */
  step(step) {
    if (this.time !== null || step < 0) {
      this.go(null, step);
    }
  }

  /** Show the moment that is shown with what was opened meanwhile; one that is still to be asked for has it anyway. */
  again() {
    if (this.time !== null && this.wanted === null) {
      this.go(null);
    }
  }

  /** Show the present again, of a recording its end. */
  live() {
    if (this.replay) {
      this.go(END);
    } else {
      this.#leave();
    }
  }

  /**
   * Go to the present, and to a process there.
   * @param {string} identity
   */
  goNow(identity) {
    if (this.time === null || this.replay) {
      return;
    }
    const stop = this.store.follow(() => {
      if (this.time === null) {
        stop();
        this.show(identity);
      }
    });
    this.live();
  }

  #leave() {
    const held = document.activeElement;
    this.asked++;
    clearTimeout(this.timer);
    this.wanted = null;
    this.waiting = false;
    if (this.time !== null) {
      this.link.hold(null);
      this.store.endOfPast();
      this.#follow();
    }
    this.strip.element.hidden = true;
    this.#handOn(held);
  }

  /**
   * Hand the focus on from what is hidden now: without one, keys would go to what is around the dashboard.
   * @param {Element | null} held what had it
   */
  #handOn(held) {
    const { dashboard } = this;
    if (!dashboard?.contains(held)) {
      return;
    }
    if (this.time !== null && held?.closest(OF_NOW)) {
      this.left = held.closest(".pw-controls") ? held : null;
      this.strip.back.focus({ preventScroll: true });
    } else if (this.time === null && this.strip.element.contains(held)) {
      const to = this.left?.isConnected ? this.left : dashboard.querySelector('.pw-grid [tabindex="0"]');
      this.left = null;
      /** @type {HTMLElement | null} */ (to)?.focus({ preventScroll: true });
    }
  }

  /** Say which moment the store has: another view of the same dashboard in this page may have gone there. */
  #follow() {
    const { moment } = this.link;
    if (moment === this.shown) {
      return;
    }
    this.shown = moment;
    // The table first: the strip moves what is below it, and to measure that twice takes as long as to draw it.
    const held = document.activeElement;
    this.#tell(moment?.time ?? null);
    this.strip.show(moment);
    this.#handOn(held);
    if (moment !== null) {
      this.surroundings.follow(moment, this.strip.days.has(moment.time));
    }
  }

  /** Ask for what is wanted, one thing at a time: whoever scrubs wants another moment with each pixel. */
  #send() {
    clearTimeout(this.timer);
    const { wanted } = this;
    if (wanted === null) {
      return;
    }
    const since = this.now() - this.sent;
    const pause = this.waiting ? PATIENCE - since : PAUSE - since;
    if (pause > 0) {
      this.timer = setTimeout(() => this.#send(), pause);
      return;
    }
    this.wanted = null;
    this.waiting = true;
    this.sent = this.now();
    const mine = ++this.asked;
    const when = wanted.when ?? this.time ?? this.store.time;
    this.link.request(momentOf(when, wanted.step, this.link.opened.all), (answer, buffers) => {
      // An answer that comes late is about a moment that nobody looks at any more.
      if (mine === this.asked) {
        this.waiting = false;
        if (this.#take(answer, buffers)) {
          wanted.then();
        }
        this.#send();
      }
    });
  }

  /**
   * @param {Answer} answer
   * @param {(DataView | ArrayBuffer)[]} buffers
   * @returns {boolean} whether the moment is shown
   */
  #take(answer, [block]) {
    if (answer.result !== "moment") {
      this.#complain(answer.result === "refused" ? (answer.refusals[0] ?? "") : "");
      return false;
    }
    this.link.hold(answer);
    this.link.describe(answer.reading);
    this.link.panels.take(answer.panels ?? {});
    this.store.showPast(answer.frame, block, new Set(answer.ended), answer.why);
    return true;
  }

  /** @param {string} sentence */
  #complain(sentence) {
    this.strip.element.hidden = false;
    this.strip.complain(sentence);
  }

  /** @param {number | null} time */
  #tell(time) {
    const dashboard = this.dashboard;
    if (dashboard) {
      if (time === null) {
        delete dashboard.dataset["past"];
      } else {
        dashboard.dataset["past"] = String(time);
      }
      dashboard.dispatchEvent(new CustomEvent(MOMENT, { detail: { time } }));
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const typing = event.target instanceof Element && event.target.closest(TYPING);
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) {
      return;
    }
    if (event.key === "t" || event.key === "T") {
      event.preventDefault();
      this.step(event.key === "t" ? -1 : 1);
    } else if (event.key === "Escape" && !this.replay && !this.strip.element.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.live();
    }
  }
}
