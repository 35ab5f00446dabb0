/** The form for a new nice value in the dialog. It gives the signal "renice N", or says why the number is none. */

import { button, element, setAttribute, setText, uniqueId } from "../ui/dom.js";

const LEAST = -20;
const MOST = 19;

export class ReniceForm {
  /**
   * @param {number} now
   * @param {(signal: string) => void} asked
   */
  constructor(now, asked) {
    this.asked = asked;
    const id = uniqueId("nice");
    this.input = element("input", {
      type: "number",
      class: "pw-number",
      id,
      min: String(LEAST),
      max: String(MOST),
      step: "1",
      value: String(now),
      "aria-describedby": `${id}-wrong`,
    });
    this.wrong = element("div", { id: `${id}-wrong`, class: "pw-mistake", role: "status", "aria-label": "Mistake" });
    this.element = element(
      "div",
      { class: "pw-nice" },
      element("label", { for: id }, "Nice, −20 to 19 "),
      this.input,
      this.wrong,
    );
    this.button = button("Next", () => this.#ask());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.#ask();
      }
    });
  }

  /** @param {boolean} editable whether the number is still to be chosen */
  show(editable) {
    this.input.disabled = !editable;
    this.button.hidden = !editable;
  }

  #ask() {
    const number = Number(this.input.value);
    const right = this.input.value.trim() !== "" && Number.isInteger(number) && number >= LEAST && number <= MOST;
    setAttribute(this.input, "aria-invalid", right ? null : "true");
    setText(this.wrong, right ? "" : "Nice is a whole number from −20 to 19.");
    if (right) {
      this.asked(`renice ${number}`);
    }
  }
}
