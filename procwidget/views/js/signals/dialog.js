/**
 * The dialog in which processes are ended, stopped, reniced and so on: ask, confirm, outcome, and force kill as a
 * second question. Each step waits for the kernel's answer, and only a button that an open question enabled can
 * confirm. Its title says what the button would do, to how many of what.
 */

import { ask, cancel, confirm } from "../connection/protocol.js";
import { beforeReload } from "../connection/reload.js";
import { button, element, setText, uniqueId } from "../ui/dom.js";
import { AdjustmentForm, FORMS } from "./adjustment_form.js";
import { countNames, joinSentences, listNames, nameAll, tellOutcomes, unknownOutcome } from "./sentences.js";
import { meaningOf } from "./system.js";
import { KERNEL_DEEDS, wordsFor } from "./words.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Answer, Outcome, Question, Target } from "../connection/answers.js" */
/** @import { Row } from "../types.js" */
/** @import { System } from "./system.js" */

/** Milliseconds without an answer after which the dialog says that the kernel is busy. */
export const BUSY_AFTER = 1500;

/** The same where the kernel waits for processes to end before it answers: milliseconds more than its patience. */
export const BUSY_AFTER_PATIENCE = 2000;

/** Milliseconds for which a new confirm button is disabled, so that a double click on "End" does not confirm. */
export const GUARD = 400;

/** Outcomes that are a success. */
const DONE = new Set(["ended", "gone", "sent"]);

export class ActionDialog {
  /**
   * @param {Pick<Link, "request" | "send">} link
   * @param {Row[]} rows one or more
   * @param {string} signal a key of SIGNALS
   * @param {{ told: (text: string) => void, closed: () => void, system?: System }} on `told` gets outcomes, also after
   *   closing; `system` is where the processes run
   * @param {string[]} [leftOut] sentences about those that are left out already
   */
  constructor(link, rows, signal, on, leftOut = []) {
    this.link = link;
    this.rows = rows;
    this.on = on;
    this.open = true;
    /** @type {Question | null} */
    this.question = null;
    this.signal = signal;
    this.leftOutBefore = leftOut;
    /** What is left out, and why. */
    this.leftOut = leftOut;
    /** @type {Set<ReturnType<typeof setTimeout>>} */
    this.timers = new Set();
    const id = uniqueId("dialog");
    const [row] = rows;
    const one = rows.length === 1 && row ? row : null;
    this.title = element("div", { class: "pw-dialog-title", id: `${id}-title` });
    this.counts = element("div", { class: "pw-dialog-owner", hidden: true });
    this.targets = element("ul", {
      class: "pw-targets",
      "aria-label": "Processes",
      tabindex: "0",
      hidden: one !== null,
    });
    this.#list(rows);
    this.meaning = element("div", { id: `${id}-text` }, meaningOf(signal, on.system));
    this.state = element("div", { class: "pw-dialog-state", role: "status", "aria-label": "Progress" });
    this.refusals = element("div", { class: "pw-refusals", role: "alert", hidden: true });
    this.cancelButton = button("Cancel", () => this.close());
    this.againButton = button("Ask again", () => this.ask(this.signal));
    this.confirmButton = button("", () => this.#confirm());
    this.form = signal in FORMS ? new AdjustmentForm(signal, one, (now) => this.ask(now)) : null;
    const owner = one && one.user !== null ? `User ${one.user}` : "";
    this.element = element(
      "dialog",
      {
        class: "pw-dialog",
        role: "alertdialog",
        "aria-modal": "true",
        "aria-labelledby": `${id}-title`,
        "aria-describedby": `${id}-text`,
      },
      this.title,
      element(
        "div",
        { class: "pw-dialog-command", tabindex: "0", hidden: one === null },
        one?.command ?? one?.name ?? "",
      ),
      element("div", { class: "pw-dialog-owner", hidden: !owner }, owner),
      this.counts,
      this.targets,
      this.meaning,
      ...(this.form ? [this.form.element] : []),
      this.state,
      this.refusals,
      element("div", { class: "pw-dialog-buttons" }, this.cancelButton, this.againButton, this.confirmButton),
    );
    if (this.form) {
      this.cancelButton.after(this.form.button);
    }
    this.element.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    // Pressing Escape twice makes some browsers close a dialog without "cancel".
    this.element.addEventListener("close", () => this.close());
  }

  /**
   * Show it and ask the kernel.
   * @param {HTMLElement} host
   */
  start(host) {
    host.append(this.element);
    this.element.showModal();
    if (this.form) {
      this.#reset("");
      this.#choose();
    } else {
      this.cancelButton.focus();
      this.ask(this.signal);
    }
  }

  /** Show the form for the number, if the signal needs one. */
  #choose() {
    if (this.form) {
      this.confirmButton.hidden = true;
      this.form.show(true);
      this.form.input.focus();
    }
  }

  /** @param {string} signal */
  ask(signal) {
    this.signal = signal;
    this.leftOut = this.leftOutBefore;
    this.#list(this.rows);
    this.#reset("Checking…", BUSY_AFTER);
    this.cancelButton.focus();
    const identities = this.rows.map(({ identity }) => identity);
    this.link.request(ask(identities, signal), (answer) => this.#take(answer));
  }

  close() {
    if (!this.open) {
      return;
    }
    this.open = false;
    this.#stopTimers();
    if (this.question) {
      this.link.send(cancel(this.question));
    }
    this.element.close();
    this.element.remove();
    this.on.closed();
  }

  #confirm() {
    const { question } = this;
    if (question === null) {
      return;
    }
    this.question = null;
    const { signal, targets, patience } = question;
    this.#reset(wordsFor(signal).doing(listNames(targets), patience), 1000 * patience + BUSY_AFTER_PATIENCE);
    this.cancelButton.focus();
    const unsettled = unknownOutcome(signal, targets);
    const settle = beforeReload((kept) => kept.unknown.push(unsettled));
    this.link.request(confirm(question), (answer) => {
      const known = answer.result !== "refused" || !answer.unknown;
      if (known) {
        settle();
      }
      this.#take(answer, known ? null : unsettled);
    });
  }

  /**
   * @param {Answer} answer
   * @param {string | null} [unsettled] what is unknown in spite of it
   */
  #take(answer, unsettled = null) {
    if (answer.result === "question") {
      if (this.open) {
        this.#offer(answer);
      } else {
        this.link.send(cancel(answer));
      }
      return;
    }
    if (answer.result === "refused") {
      this.on.told(joinSentences(unsettled ? [...answer.refusals, unsettled] : answer.refusals));
      this.#reset(unsettled ?? "Nothing was sent.");
      this.#refuse(answer.refusals);
      this.#choose();
      return;
    }
    if (answer.result !== "outcome") {
      return;
    }
    const told = tellOutcomes(this.signal, answer.outcomes);
    this.on.told(joinSentences([...told, ...this.leftOut]));
    if (answer.question === null) {
      this.#finish(answer);
    } else if (this.open) {
      this.#offer(answer.question, joinSentences(told));
    } else {
      this.link.send(cancel(answer.question));
    }
  }

  /**
   * Close; or, when there are several processes and not all went well, stay open and list the outcomes.
   * @param {Outcome} answer
   */
  #finish({ outcomes }) {
    const well = this.leftOut.length === 0 && outcomes.every(({ result }) => DONE.has(result));
    if (!this.open || well || this.rows.length === 1) {
      this.close();
      return;
    }
    this.#reset("What came of it:");
    this.confirmButton.hidden = true;
    this.targets.replaceChildren(...outcomes.map(({ text }) => element("li", {}, text)));
    this.#refuse(this.leftOut);
    setText(this.cancelButton, "Close");
  }

  /**
   * @param {Question} question
   * @param {string} [told] what happened before
   */
  #offer(question, told = "") {
    this.signal = question.signal;
    this.question = question;
    this.#reset(told);
    this.leftOut = [...this.leftOut, ...question.refusals];
    this.#list(question.targets);
    this.#refuse(this.leftOut);
    this.#later(GUARD, () => {
      this.confirmButton.disabled = false;
    });
    this.#later(question.expires * 1000, () => {
      this.question = null;
      this.#reset(`${told} This question was open for ${question.expires} s and has expired: nothing was sent.`.trim());
      this.againButton.hidden = false;
    });
  }

  /**
   * Reset the dialog to a state with nothing to confirm.
   * @param {string} state
   * @param {number} [busyAfter] milliseconds until it says that the kernel is busy
   */
  #reset(state, busyAfter) {
    this.#stopTimers();
    const { label, labels, harms } = wordsFor(this.signal);
    setText(this.meaning, meaningOf(this.signal, this.on.system));
    setText(this.confirmButton, (this.question?.targets ?? this.rows).length > 1 ? labels : label);
    this.confirmButton.classList.toggle("pw-danger", harms);
    this.confirmButton.disabled = true;
    this.confirmButton.hidden = false;
    this.form?.show(false);
    setText(this.state, state);
    this.#refuse([]);
    this.againButton.hidden = true;
    if (busyAfter) {
      this.#later(busyAfter, () => setText(this.state, "Waiting for the kernel: it is busy"));
    }
  }

  /** @param {string[]} texts */
  #refuse(texts) {
    this.refusals.hidden = texts.length === 0;
    this.refusals.replaceChildren(...texts.map((text) => element("div", {}, text)));
  }

  /**
   * Say in the title, and list, what the button would do to whom.
   * @param {Target[]} targets
   */
  #list(targets) {
    const parents = new Map(this.rows.map(({ identity, ppid }) => [identity, ppid]));
    const named = targets.map((target) => ({ ...target, ppid: parents.get(target.identity) ?? null }));
    const about = this.signal in KERNEL_DEEDS ? this.#byNotebook(named) : named;
    const where = this.on.system?.host ? ` on ${this.on.system.host}` : "";
    setText(this.title, `${wordsFor(this.signal).verb} ${nameAll(about)}${where}?`);
    const left = this.leftOut.length;
    const counts = countNames(targets);
    const out = left
      ? `${targets.length} of ${targets.length + left}: the rest is left out, for the reason given below.`
      : "";
    setText(this.counts, [counts && `${counts}.`, out].filter(Boolean).join(" "));
    this.counts.hidden = this.counts.textContent === "";
    this.targets.replaceChildren(...targets.map(({ name, pid }) => element("li", {}, `${name} (${pid})`)));
  }

  /**
   * @template {Target} T
   * @param {T[]} targets kernels, which people know by their notebooks
   */
  #byNotebook(targets) {
    const notebooks = new Map(this.rows.map(({ identity, notebook }) => [identity, notebook]));
    return targets.map((target) => ({ ...target, name: notebooks.get(target.identity) ?? target.name }));
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} then
   */
  #later(milliseconds, then) {
    this.timers.add(setTimeout(then, milliseconds));
  }

  #stopTimers() {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }
}
