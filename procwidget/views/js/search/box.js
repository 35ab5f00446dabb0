/**
 * The search box. It keeps the query of what is typed, and while that is wrong, the last right one; the wrong part is
 * underlined, and a sentence below says what is wrong. The text is parsed once a change.
 */

import { button, element, setAttribute, setText, uniqueId } from "../ui/dom.js";
import { proposals } from "./completion.js";
import { KeptSearches } from "./kept_searches.js";
import { Mistake, parse } from "./query.js";
import { Suggestions } from "./suggestions.js";

/** @import { Query } from "./query.js" */

/** Milliseconds without a key after which the result of the search is spoken. */
export const QUIET = 700;

const TIP = "Words, or cpu>50 user=ana mem>1g name~train, with or, not and ( )";

export class SearchBox {
  /**
   * @param {string} text
   * @param {{ changed: (text: string) => void, left: () => void, spoken: () => string, next: (step: number) => void }} on
   *   `changed` after each change, `left` when the arrow goes down into the table, `spoken` gives what is to be said of
   *   the result, `next` goes to the next match or to the one before
   * @param {KeptSearches} [kept]
   */
  constructor(text, on, kept = new KeptSearches()) {
    this.on = on;
    this.kept = kept;
    /** Whether all rows stay and matches are only marked. */
    this.marking = false;
    /** @type {Query} */
    this.query = parse("");
    /** @type {Mistake | null} */
    this.mistake = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.quiet = undefined;
    const id = uniqueId("search");
    this.input = element("input", {
      type: "search",
      role: "searchbox",
      class: "pw-search",
      "aria-label": "Filter processes",
      "aria-describedby": id,
      placeholder: "Filter: name, cpu>50",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
    });
    this.input.value = text;
    this.message = element("div", { id, class: "pw-message" });
    this.spoken = element("div", { class: "pw-unseen", role: "status", "aria-label": "Filter result" });
    this.mirror = element("div", { class: "pw-mirror", "aria-hidden": "true" });
    this.suggestions = new Suggestions(this.input, ({ text }, { start, end }) => {
      this.input.setRangeText(text, start, end, "end");
      this.#changed();
    });
    this.markButton = button("Mark", () => this.#mark(), {
      class: "pw-button pw-search-button pw-mark",
      "aria-pressed": "false",
      title: "Mark what matches and let all rows stay; Enter and n go to the next one",
    });
    this.saveButton = button("☆", () => this.#save(), { class: "pw-button pw-search-button" });
    this.element = element(
      "div",
      { class: "pw-searchbox" },
      this.input,
      element("span", { class: "pw-search-buttons" }, this.saveButton, this.markButton),
      this.mirror,
      this.suggestions.element,
      this.spoken,
    );
    this.#read();
    this.input.addEventListener("input", () => this.#changed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => {
      this.suggestions.show(null);
      this.#note();
    });
    for (const type of ["scroll", "keyup", "select"]) {
      this.input.addEventListener(type, () => this.#align());
    }
  }

  get text() {
    return this.input.value;
  }

  remove() {
    clearTimeout(this.quiet);
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /**
   * Search for something else, as if it was typed.
   * @param {string} text
   */
  set(text) {
    this.input.value = text;
    this.#changed();
    this.suggestions.show(null);
  }

  #changed() {
    this.#read();
    const caret = this.input.selectionEnd ?? this.input.value.length;
    this.suggestions.show(proposals(this.input.value, caret));
    this.on.changed(this.input.value);
    clearTimeout(this.quiet);
    this.message.setAttribute("aria-live", "off");
    this.quiet = setTimeout(() => this.#speak(), QUIET);
  }

  /** Have a screen reader say the result of the search, or the mistake. */
  #speak() {
    if (this.mistake) {
      // The text is there already, and only what is written while an element is live is spoken.
      this.message.setAttribute("aria-live", "polite");
      this.message.textContent = this.mistake.message;
    } else {
      setText(this.spoken, this.on.spoken());
    }
  }

  #mark() {
    this.marking = !this.marking;
    setAttribute(this.markButton, "aria-pressed", String(this.marking));
    this.on.changed(this.input.value);
  }

  #save() {
    this.kept.toggle(this.input.value);
    this.#showSaved();
  }

  /** Keep what was searched for among the last ones. */
  #note() {
    if (this.mistake === null) {
      this.kept.note(this.input.value);
    }
  }

  #showSaved() {
    const saved = this.kept.isSaved(this.input.value);
    setText(this.saveButton, saved ? "★" : "☆");
    setAttribute(this.saveButton, "aria-label", saved ? "Forget this saved search" : "Save this search");
    this.saveButton.title = saved ? "Forget this saved search" : "Save this search; Alt+↓ in the empty box shows all";
    this.saveButton.disabled = this.query.all || this.mistake !== null;
  }

  #read() {
    this.mistake = null;
    try {
      this.query = parse(this.input.value);
    } catch (error) {
      if (!(error instanceof Mistake)) {
        throw error;
      }
      this.mistake = error;
    }
    const { mistake, message, mirror } = this;
    setText(message, mistake?.message ?? TIP);
    message.classList.toggle("pw-mistake", mistake !== null);
    setAttribute(this.input, "aria-invalid", mistake ? "true" : null);
    if (mistake) {
      const { value } = this.input;
      const wrong = element("span", { class: "pw-wrong" }, value.slice(mistake.start, mistake.end));
      mirror.replaceChildren(value.slice(0, mistake.start), wrong, value.slice(mistake.end));
      this.#align();
    } else {
      mirror.replaceChildren();
    }
    this.#showSaved();
  }

  /** Scroll the underlining along with the text in the box. */
  #align() {
    this.mirror.scrollLeft = this.input.scrollLeft;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Ignore keys of an input method that is composing a letter.
    if (event.isComposing) {
      return;
    }
    if (event.key === "ArrowDown" && event.altKey) {
      const caret = this.input.selectionEnd ?? 0;
      const kept = this.input.value.trim() === "" ? this.kept.list() : [];
      const length = this.input.value.length;
      this.suggestions.show(
        kept.length > 0 ? { start: 0, end: length, list: kept } : proposals(this.input.value, caret, true),
      );
    } else if (event.key === "Enter" && !this.suggestions.open) {
      this.#note();
      this.on.next(event.shiftKey ? -1 : 1);
    } else if (!this.suggestions.handle(event)) {
      if (event.key !== "ArrowDown") {
        return;
      }
      this.on.left();
    }
    event.preventDefault();
  }
}
