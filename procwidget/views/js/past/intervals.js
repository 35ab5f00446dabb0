/**
 * What processes did between two moments, and what differs between two moments or two intervals: asks the kernel, and
 * shows the answer as a table below the process table.
 */

import { compare, intervalOf } from "../connection/past_messages.js";
import { button, setText } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { OF_COMPARISON, OF_INTERVAL } from "./interval_columns.js";
import { RowsTable } from "./rows_table.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer } from "../connection/answers.js" */
/** @import { Span } from "../connection/past_messages.js" */

/** A moment is compared as a span of a second. */
const MOMENT = 1;

/** @param {Span} span */
function words([from, to]) {
  return to - from <= MOMENT ? clock(to) : `${clock(from)}–${clock(to)}`;
}

export class Intervals {
  /**
   * @param {Link} link
   * @param {{ complain: (sentence: string) => void, go: (identity: string, when: number, step: number) => void }} on
   *   `go` is called to see a process at a moment
   */
  constructor(link, on) {
    this.link = link;
    this.on = on;
    /** The interval that is shown. @type {Span | null} */
    this.shown = null;
    /** The one that the next one is compared with. @type {Span | null} */
    this.base = null;
    this.beforeButton = button("Compare with before", () => this.#compareWithBefore(), {
      title: "What differs from the time before it, of the same length",
    });
    this.anotherButton = button("Compare with another…", () => this.#keep(), {
      title: "Then choose another interval: drag over a chart, or use From here",
    });
    this.table = new RowsTable(
      "Between two moments",
      OF_INTERVAL,
      "cpu_seconds",
      {
        closed: () => this.close(),
        // Who had ended was there until the reading before.
        go: ({ identity, ended }) => on.go(identity, ended ?? this.shown?.[1] ?? 0, ended === null ? 0 : -1),
      },
      [this.beforeButton, this.anotherButton],
    );
    this.comparison = new RowsTable("Compared", OF_COMPARISON, "", {
      closed: () => this.#showInterval(),
      go: ({ identity, what }) => on.go(identity, this.compared[what === "gone" ? 0 : 1][1], 0),
    });
    /** What the comparison is of. @type {[before: Span, after: Span]} */
    this.compared = [
      [0, 0],
      [0, 0],
    ];
    this.elements = [this.table.element, this.comparison.element];
  }

  close() {
    this.table.hide();
    this.shown = null;
    this.#setBase(null);
  }

  /**
   * Show what each process did.
   * @param {string | number} from
   * @param {string | number} to
   */
  between(from, to) {
    if (this.base && typeof from === "number" && typeof to === "number") {
      const spans = /** @type {[Span, Span]} */ ([this.base, [from, to]]);
      // The earlier one is what it was before.
      spans.sort(([one], [other]) => one - other);
      this.#setBase(null);
      this.compare(...spans);
      return;
    }
    this.#ask(intervalOf(from, to), (answer) => {
      if (answer.result === "interval") {
        this.shown = [answer.from, answer.to];
        this.#setBase(null);
        const seconds = Math.round(answer.to - answer.from);
        const title = `From ${clock(answer.from)} to ${clock(answer.to)}, ${seconds} s`;
        this.table.show(title, answer.processes, answer.left_out);
        this.#showInterval();
      }
    });
  }

  /**
   * Show what differs.
   * @param {number | Span} before
   * @param {number | Span} after
   */
  compare(before, after) {
    this.#ask(compare(before, after), (answer) => {
      if (answer.result === "comparison") {
        this.compared = [answer.before, answer.after];
        const title = `${words(answer.after)} compared with ${words(answer.before)}`;
        this.table.element.hidden = true;
        this.comparison.show(title, answer.processes, answer.left_out);
      }
    });
  }

  /** Show the interval, if one was chosen, instead of a comparison. */
  #showInterval() {
    this.comparison.hide();
    this.table.element.hidden = this.shown === null;
  }

  #compareWithBefore() {
    if (this.shown) {
      const [from, to] = this.shown;
      this.compare([2 * from - to, from], this.shown);
    }
  }

  #keep() {
    this.#setBase(this.base ? null : this.shown);
  }

  /** @param {Span | null} span */
  #setBase(span) {
    this.base = span;
    this.anotherButton.setAttribute("aria-pressed", String(span !== null));
    setText(this.anotherButton, span ? "Now choose another interval" : "Compare with another…");
  }

  /**
   * @param {import("../connection/past_messages.js").PastRequest} request
   * @param {(answer: Answer) => void} then
   */
  #ask(request, then) {
    this.link.request(request, (answer) => {
      if (answer.result === "refused") {
        this.on.complain(answer.refusals[0] ?? "");
      }
      then(answer);
    });
  }
}
