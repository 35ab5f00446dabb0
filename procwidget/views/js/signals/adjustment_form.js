/**
 * The form in the dialog for what is to be set: a nice value, an I/O priority, CPUs or an OOM score. It gives the signal,
 * such as "renice 5", or says why what was typed cannot be.
 */

import { button, element, setAttribute, setText, uniqueId } from "../ui/dom.js";

/** @import { Row } from "../types.js" */

/**
 * @typedef {object} Form
 * @property {string} label
 * @property {string} wrong the sentence about what cannot be
 * @property {(row: Row | null) => string} now what is in it at first, given the process if it is one
 * @property {(value: string) => boolean} takes
 * @property {Record<string, string>} [attributes] of its input
 * @property {[value: string, text: string][]} [choices] where one chooses instead of typing
 */

/**
 * @param {number} least
 * @param {number} most
 */
const wholeBetween = (least, most) => (/** @type {string} */ value) => {
  const number = Number(value);
  return value.trim() !== "" && Number.isInteger(number) && number >= least && number <= most;
};

/**
 * Whether a text is a list of CPUs, such as "0-3,7".
 * @param {string} value
 */
export function isCpuList(value) {
  return value.split(",").every((part) => {
    const [, first = "", last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    return first !== "" && Number(first) <= Number(last);
  });
}

/** @type {Record<string, Form>} */
export const FORMS = {
  renice: {
    label: "Nice, −20 to 19 ",
    wrong: "Nice is a whole number from −20 to 19.",
    now: (row) => String(row?.nice ?? 0),
    takes: wholeBetween(-20, 19),
    attributes: { type: "number", min: "-20", max: "19", step: "1" },
  },
  ionice: {
    label: "I/O priority ",
    wrong: "Choose one of these.",
    now: () => "best-effort 7",
    takes: (value) => value !== "",
    choices: [
      ["idle", "idle: only when nobody else waits"],
      ["best-effort 7", "7, gives way to most"],
      ["best-effort 6", "6"],
      ["best-effort 5", "5"],
      ["best-effort 4", "4, the usual"],
      ["best-effort 3", "3"],
      ["best-effort 2", "2"],
      ["best-effort 1", "1"],
      ["best-effort 0", "0, before most"],
    ],
  },
  affinity: {
    label: "CPUs, such as 0-3,7 ",
    wrong: "CPUs are numbers and ranges with commas, such as 0-3,7.",
    now: () => "",
    takes: isCpuList,
    attributes: { type: "text", autocomplete: "off", spellcheck: "false" },
  },
  oom: {
    label: "Added to its OOM score, 0 to 1000 ",
    wrong: "It is a whole number from 0 to 1000.",
    now: () => "500",
    takes: wholeBetween(0, 1000),
    attributes: { type: "number", min: "0", max: "1000", step: "1" },
  },
};

export class AdjustmentForm {
  /**
   * @param {string} kind a key of FORMS
   * @param {Row | null} row the process if it is one
   * @param {(signal: string) => void} asked
   */
  constructor(kind, row, asked) {
    this.kind = kind;
    this.form = /** @type {Form} */ (FORMS[kind]);
    this.asked = asked;
    const { label, now, attributes = {}, choices } = this.form;
    const id = uniqueId(kind);
    const common = { class: "pw-number", id, "aria-describedby": `${id}-wrong` };
    this.input = choices
      ? element("select", common, ...choices.map(([value, text]) => element("option", { value }, text)))
      : element("input", { ...common, ...attributes });
    this.input.classList.toggle("pw-wide", attributes["type"] !== "number");
    this.input.value = now(row);
    this.wrong = element("div", { id: `${id}-wrong`, class: "pw-mistake", role: "status", "aria-label": "Mistake" });
    this.element = element("div", { class: "pw-nice" }, element("label", { for: id }, label), this.input, this.wrong);
    this.button = button("Next", () => this.#ask());
    this.input.addEventListener("keydown", (event) => {
      if (/** @type {KeyboardEvent} */ (event).key === "Enter") {
        event.preventDefault();
        this.#ask();
      }
    });
  }

  /** @param {boolean} editable whether the value is still to be chosen */
  show(editable) {
    this.input.disabled = !editable;
    this.button.hidden = !editable;
  }

  #ask() {
    const value = this.input.value.replace(/\s*,\s*/g, ",").trim();
    const right = this.form.takes(value);
    setAttribute(this.input, "aria-invalid", right ? null : "true");
    setText(this.wrong, right ? "" : this.form.wrong);
    if (right) {
      this.asked(`${this.kind} ${value}`);
    }
  }
}
