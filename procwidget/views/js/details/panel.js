/**
 * The panel with the details of one process, and what can be done with it. While it is open it asks the kernel for them every few
 * seconds; its charts advance with every reading.
 */

import { details, opened, reveal } from "../connection/protocol.js";
import { TellButton } from "../events/tell_end.js";
import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { figure, memory } from "../ui/format.js";
import { LineChart } from "./line_chart.js";
import { PythonStack } from "./python_stack.js";
import { FieldList } from "./fields.js";
import { OpenList } from "./open_list.js";
import { detailsOf, fateOf, PastDetails } from "./past_details.js";
import { DetailsPlace } from "./place.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer, ProcessDetails } from "../connection/answers.js" */
/** @import { Request } from "../connection/protocol.js" */
/** @import { PlaceChoices } from "../layout/saved_choices.js" */
/** @import { PastOf } from "../rows/store.js" */
/** @import { Row } from "../types.js" */

/** Seconds from one request for details to the next. */
const REFRESH = 5;

/** How many readings the charts show at most: an hour of them, two seconds apart. */
export const MOST = 1800;

/**
 * @typedef {object} Callbacks
 * @property {(pid: number) => void} go
 * @property {(row: Row) => void} pin
 * @property {(row: Row) => void} follow
 * @property {(row: Row) => void} closed
 * @property {() => boolean} watches whether anybody sees it
 * @property {(row: Row) => void} end
 * @property {(row: Row) => string | null} refusal why it is never signalled
 * @property {() => PastOf | null} past the past moment that is shown
 * @property {() => Iterable<Row>} rows all that are shown then
 * @property {((row: Row) => void) | null} now called to go to a process in the present; null where there is none
 */

export class DetailsPanel {
  /**
   * @param {Pick<Link, "request" | "telling">} link
   * @param {boolean} reveal whether secrets in commands may be shown
   * @param {boolean} actions whether processes can be signalled here
   * @param {{ place: PlaceChoices }} place
   * @param {Callbacks & { placed: (covered: number) => void }} callbacks
   */
  constructor(link, reveal, actions, place, callbacks) {
    this.link = link;
    this.actions = actions;
    this.callbacks = callbacks;
    /** @type {Row | null} */
    this.row = null;
    this.asked = "";
    this.expensive = false;
    this.revealed = false;
    this.history = emptyHistory();
    this.fields = new FieldList(callbacks.go);
    this.title = element("div", { class: "pw-details-title", role: "heading", "aria-level": "3" });
    this.note = element("div", { class: "pw-details-note", role: "status", "aria-label": "About these details" });
    this.pinButton = button("Pin", () => this.row && callbacks.pin(this.row));
    this.followButton = button("Follow", () => this.row && callbacks.follow(this.row));
    this.tellButton = new TellButton(
      link,
      () => this.row,
      (sentence) => setText(this.note, sentence),
    );
    this.openList = new OpenList(() => this.#listOpen());
    this.measureButton = button("Measure its own memory (USS, PSS)", () => this.#measure(), {
      title: "Adds up all that it has mapped; of a large process that takes a second.",
    });
    this.showButton = button("Show the whole command", () => this.#reveal(), {
      title: "With passwords and tokens that are masked now.",
    });
    this.endButton = button("End…", () => this.row && callbacks.end(this.row), { hidden: !actions });
    this.never = element("span", { class: "pw-never", hidden: true });
    this.showButton.hidden = !reveal;
    this.stack = new PythonStack((build, then) => this.#request(build, then));
    this.past = new PastDetails(link, {
      past: callbacks.past,
      now: callbacks.now,
      row: () => this.row,
      take: (history, ended) => this.#takePast(history, ended),
    });
    for (const ofNow of [this.endButton, this.tellButton.element, this.measureButton, this.openList.button]) {
      ofNow.classList.add("pw-of-now");
    }
    this.showButton.classList.add("pw-of-now");
    this.stack.button.classList.add("pw-of-now");
    this.closeButton = button("Close", () => this.close());
    this.cpu = new LineChart("CPU", (value) => `${figure(value, 1)} %`, 10);
    this.memory = new LineChart("Memory", memory, 1);
    this.cpuWords = element("span", { class: "pw-chart-words" });
    this.memoryWords = element("span", { class: "pw-chart-words" });
    this.element = element(
      "section",
      { class: "pw-details", role: "region", tabindex: "-1", hidden: true },
      element("div", { class: "pw-details-head" }, this.title, this.closeButton),
      element(
        "div",
        { class: "pw-details-deeds" },
        this.past.nowButton,
        this.endButton,
        this.pinButton,
        this.followButton,
        this.tellButton.element,
        this.measureButton,
        this.openList.button,
        this.showButton,
        this.stack.button,
        this.never,
        this.closeButton,
      ),
      this.note,
      this.fields.rowElement,
      element(
        "div",
        { class: "pw-details-charts" },
        element("div", {}, element("b", {}, "CPU "), this.cpuWords, this.cpu.element),
        element("div", {}, element("b", {}, "Memory "), this.memoryWords, this.memory.element),
      ),
      this.stack.element,
      this.fields.element,
      this.openList.element,
    );
    this.place = new DetailsPlace(this.element, place, callbacks.placed);
    this.closeButton.before(this.place.button);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      }
    });
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  remove() {
    clearInterval(this.timer);
    this.past.clear();
    this.row = null;
  }

  /**
   * Show a process.
   * @param {Row} row
   */
  open(row) {
    clearInterval(this.timer);
    this.timer = setInterval(() => !row.ended && this.callbacks.watches() && this.#ask(), REFRESH * 1000);
    this.row = row;
    this.expensive = false;
    this.revealed = false;
    this.past.clear();
    this.#forget();
    const name = `${row.name} (${row.pid})`;
    setText(this.title, name);
    setText(this.note, "Asking…");
    this.element.setAttribute("aria-label", `Details of ${name}`);
    this.showButton.setAttribute("aria-label", `Show the whole command of ${name}`);
    this.showButton.disabled = false;
    this.measureButton.hidden = true;
    const refusal = this.callbacks.refusal(row);
    this.endButton.setAttribute("aria-label", `End ${name}`);
    setHidden(this.endButton, !this.actions || refusal !== null);
    setHidden(this.never, !this.actions || refusal === null);
    setText(this.never, refusal ?? "");
    this.element.hidden = false;
    this.place.apply();
    this.#ask();
  }

  /** Forget what is known of the process that is shown, or was known of it at another time. */
  #forget() {
    this.history = emptyHistory();
    this.fields.clear();
    this.openList.clear();
    this.stack.clear();
  }

  /** Move the focus to the panel. */
  enter() {
    this.element.focus({ preventScroll: true });
  }

  close() {
    const { row } = this;
    this.remove();
    this.element.hidden = true;
    this.place.apply();
    if (row) {
      this.callbacks.closed(row);
    }
  }

  /** @param {string} text */
  showNote(text) {
    setText(this.note, text);
  }

  /**
   * Update with the newest reading.
   * @param {number} time Unix seconds
   * @param {{ pinned: boolean, followed: boolean }} is
   */
  tick(time, { pinned, followed }) {
    const { row } = this;
    if (row === null) {
      return;
    }
    const name = `${row.name} (${row.pid})`;
    for (const [made, word, pressed] of /** @type {const} */ ([
      [this.pinButton, "Pin", pinned],
      [this.followButton, "Follow", followed],
    ])) {
      setAttribute(made, "aria-label", `${word} ${name}`);
      setAttribute(made, "aria-pressed", String(pressed));
      made.disabled = row.ended;
    }
    this.tellButton.show(row);
    this.endButton.disabled = row.ended;
    const anotherTime = this.past.follow(row);
    const past = this.callbacks.past();
    if (anotherTime) {
      this.#forget();
      setText(this.note, past ? fateOf(row, past, null, this.callbacks.now === null) : "Asking…");
      this.#ask();
    }
    this.fields.showRow(row, time);
    if (past) {
      // Its figures come with the answer.
    } else if (row.ended) {
      setText(this.note, "This process has ended. This is what was known last.");
    } else {
      this.#record(row, time);
    }
    this.#draw();
  }

  #draw() {
    const { time, cpu, memory } = this.history;
    const last = this.callbacks.past() ? "then" : "now";
    setText(this.cpuWords, this.cpu.draw(time, cpu, last));
    setText(this.memoryWords, this.memory.draw(time, memory, last));
  }

  /**
   * Add a reading to the charts' figures. The oldest are dropped, and all of them when the clock was set back.
   * @param {Row} row
   * @param {number} time
   */
  #record(row, time) {
    const { time: times, cpu, memory } = this.history;
    const newest = times[times.length - 1] ?? 0;
    if (time === newest) {
      return;
    }
    const old = time < newest ? times.length : Math.max(0, times.length + 1 - MOST);
    for (const [series, value] of /** @type {[(number | null)[], number | null][]} */ ([
      [times, time],
      [cpu, row.cpu],
      [memory, row.memory],
    ])) {
      series.splice(0, old);
      series.push(value);
    }
  }

  #ask() {
    if (this.callbacks.past()) {
      if (this.row && !this.row.ended) {
        this.fields.show(detailsOf(this.row, this.callbacks.rows()), false);
      }
      return;
    }
    this.#request(
      (identity) => details(identity, this.expensive),
      (answer) => {
        if (answer.result === "details") {
          this.#take(answer.details);
        }
      },
    );
  }

  /**
   * @param {ProcessDetails["history"]} history up to the moment that is shown
   * @param {number | null} ended Unix seconds
   */
  #takePast(history, ended) {
    const past = this.callbacks.past();
    if (this.row && past) {
      this.history = history;
      setText(this.note, fateOf(this.row, past, ended, this.callbacks.now === null));
      this.#draw();
    }
  }

  #measure() {
    this.expensive = true;
    this.measureButton.hidden = true;
    this.element.focus({ preventScroll: true });
    this.#ask();
  }

  #listOpen() {
    this.#request(opened, (answer) => {
      if (answer.result === "opened") {
        this.openList.show(answer.opened);
      } else if (answer.result === "refused") {
        this.openList.refuse(answer.refusals);
      }
    });
  }

  #reveal() {
    this.#request(reveal, (answer) => {
      if (answer.result === "command") {
        this.revealed = true;
        this.showButton.disabled = true;
        this.fields.reveal(answer.command);
        this.element.focus({ preventScroll: true });
      }
    });
  }

  /**
   * @param {(identity: string) => Request} build
   * @param {(answer: Answer) => void} then called while the same process is shown; a refusal is shown already
   */
  #request(build, then) {
    const { row } = this;
    if (row) {
      this.link.request(build(row.identity), (answer) => {
        if (this.row !== row) {
          return;
        }
        if (answer.result === "refused") {
          setText(this.note, answer.refusals.join(" "));
        }
        then(answer);
      });
    }
  }

  /** @param {ProcessDetails} known */
  #take(known) {
    setText(this.note, "");
    this.fields.show(known, this.revealed);
    this.stack.offer(known);
    const denied = known.not_permitted.some((key) => key.startsWith("memory"));
    const measured = known.memory?.["uss"] != null || known.memory?.["pss"] != null;
    this.measureButton.hidden = measured || denied || this.expensive;
    const { time, cpu, memory: held } = known.history;
    const last = time[time.length - 1] ?? 0;
    const from = this.history.time.findIndex((moment) => moment > last);
    // The kernel has the figures up to its answer; later ones are known here.
    const [times, cpus, memories] = [this.history.time, this.history.cpu, this.history.memory].map((list) =>
      from < 0 ? [] : list.slice(from),
    );
    this.history = {
      time: [...time, .../** @type {number[]} */ (times)],
      cpu: [...cpu, .../** @type {number[]} */ (cpus)],
      memory: [...held, .../** @type {number[]} */ (memories)],
    };
  }
}

/** @returns {ProcessDetails["history"]} */
function emptyHistory() {
  return { time: [], cpu: [], memory: [] };
}
