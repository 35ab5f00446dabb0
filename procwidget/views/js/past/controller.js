/**
 * Shows a view a past moment instead of the present: asks the kernel for it, gives the store its table and the summary
 * its words, and says so in the strip and on the dashboard's element, which the other parts and the style sheets read.
 * The kernel goes on reading, and other pages see the present.
 */

import { intervalOf, momentOf } from "../connection/past_messages.js";
import { IntervalTable } from "./interval_table.js";
import { BETWEEN, GO_TO, MOMENT } from "../ui/past_events.js";
import { MomentStrip } from "./strip.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer } from "../connection/answers.js" */
/** @import { Store } from "../rows/store.js" */

const TYPING = 'input:not([type="checkbox"]):not([type="range"]), textarea, dialog';

export class PastController {
  /**
   * @param {Link} link
   * @param {Store} store
   */
  constructor(link, store) {
    this.link = link;
    this.store = store;
    this.dashboard = /** @type {HTMLElement | null} */ (null);
    this.asked = 0;
    this.strip = new MomentStrip({
      step: (step) => this.step(step),
      jump: (when) => this.go(when),
      live: () => this.live(),
      between: (from, to) => this.between(from, to),
    });
    this.interval = new IntervalTable(() => this.interval.show(null));
    this.hear = (/** @type {Event} */ event) => {
      this.go(/** @type {CustomEvent<{ when: string | number }>} */ (event).detail.when);
    };
    this.hearBetween = (/** @type {Event} */ event) => {
      const { from, to } = /** @type {CustomEvent<{ from: string | number, to: string | number }>} */ (event).detail;
      this.between(from, to);
    };
    this.press = (/** @type {KeyboardEvent} */ event) => this.#press(event);
    // What has no focus, as after a click in a chart; in JupyterLab that is the notebook's.
    this.pressElsewhere = (/** @type {KeyboardEvent} */ event) => {
      if (event.target === document.body) {
        this.#press(event);
      }
    };
  }

  /** Go where Python asks to. */
  obey() {
    this.link.onGo = (when) => (when === null ? this.live() : this.go(when));
  }

  /** The moment that is shown, in Unix seconds; null for the present. */
  get time() {
    return this.strip.moment?.time ?? null;
  }

  /** @param {HTMLElement} dashboard */
  attach(dashboard) {
    this.detach();
    this.dashboard = dashboard;
    dashboard.addEventListener(GO_TO, this.hear);
    dashboard.addEventListener(BETWEEN, this.hearBetween);
    dashboard.addEventListener("keydown", this.press);
    document.addEventListener("keydown", this.pressElsewhere);
  }

  detach() {
    this.dashboard?.removeEventListener(GO_TO, this.hear);
    this.dashboard?.removeEventListener(BETWEEN, this.hearBetween);
    this.dashboard?.removeEventListener("keydown", this.press);
    document.removeEventListener("keydown", this.pressElsewhere);
  }

  remove() {
    this.live();
    this.strip.remove();
    this.detach();
  }

  /**
   * Show a moment.
   * @param {string | number} when Unix seconds, or a text such as "10:32" or "5m"
   * @param {number} [step] how many readings before (-1) or after (1) that
   */
  go(when, step = 0) {
    const mine = ++this.asked;
    this.link.request(momentOf(when, step), (answer, buffers) => {
      // An answer that comes late is about a moment that nobody looks at any more.
      if (mine === this.asked) {
        this.#take(answer, buffers);
      }
    });
  }

  /**
   * @param {number} step -1 or 1
   */
  step(step) {
    if (this.time === null && step > 0) {
      return;
    }
    this.go(this.time ?? this.store.time, step);
  }

  /**
   * Show what each process did between two moments, below the table.
   * @param {string | number} from
   * @param {string | number} to
   */
  between(from, to) {
    this.link.request(intervalOf(from, to), (answer) => {
      if (answer.result === "interval") {
        this.interval.show(answer);
      } else if (answer.result === "refused") {
        this.strip.complain(answer.refusals[0] ?? "");
      }
    });
  }

  /** Show the present again. */
  live() {
    this.asked++;
    if (this.time !== null) {
      this.strip.show(null);
      this.store.endOfPast();
      this.link.hold(false);
      this.#tell(null);
    }
  }

  /**
   * @param {Answer} answer
   * @param {(DataView | ArrayBuffer)[]} buffers
   */
  #take(answer, [block]) {
    if (answer.result === "refused") {
      this.strip.element.hidden = false;
      this.strip.complain(answer.refusals[0] ?? "");
      return;
    }
    if (answer.result !== "moment") {
      return;
    }
    this.link.hold(true);
    this.strip.show(answer);
    this.store.showPast(answer.frame, block, new Set(answer.ended));
    this.link.describe(answer.reading);
    this.#tell(answer.time);
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
    } else if (event.key === "Escape" && this.time !== null) {
      event.preventDefault();
      event.stopPropagation();
      this.live();
    }
  }
}
