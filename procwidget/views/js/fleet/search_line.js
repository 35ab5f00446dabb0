/** The box that searches hosts. The kernel knows the language, and says which hosts are found, or what is wrong. */

import { element, setAttribute, setHidden, setText, uniqueId } from "../ui/dom.js";

/** Milliseconds after the last key for which is waited: each search is a message to the kernel. */
const PAUSE = 200;

export class SearchLine {
  /** @param {(text: string) => void} search called with what to look for */
  constructor(search) {
    this.text = "";
    this.wrong = false;
    const id = uniqueId("fleet-mistake");
    this.input = element("input", {
      class: "pw-search",
      type: "search",
      placeholder: "cpu>80 host~node1*",
      "aria-label": "Search hosts",
      "aria-describedby": id,
      autocomplete: "off",
      spellcheck: "false",
    });
    this.found = element("span", { class: "pw-muted", role: "status" });
    this.mistake = element("div", { class: "pw-fleet-mistake", id, hidden: true });
    this.element = element("div", { class: "pw-fleet-search" }, this.input, this.found);
    this.input.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => {
        this.text = this.input.value.trim();
        search(this.text);
      }, PAUSE);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.input.value) {
        event.stopPropagation();
        this.input.value = "";
        this.input.dispatchEvent(new Event("input"));
      }
    });
  }

  /** @param {{ text: string, mistake: { text: string } | null }} answer of the kernel */
  told({ text, mistake }) {
    if (text.trim() === this.text) {
      this.wrong = mistake !== null;
      setText(this.mistake, mistake?.text ?? "");
      setHidden(this.mistake, !this.wrong);
      setAttribute(this.input, "aria-invalid", this.wrong ? "true" : null);
    }
  }

  /**
   * @param {number} shown
   * @param {number} all
   */
  count(shown, all) {
    setText(this.found, shown === all ? "" : `${shown} of ${all}`);
  }
}
