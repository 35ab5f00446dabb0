/** The line that says that a process ended about which somebody asked. It stays until it is dismissed. */

import { button, element, setHidden, setText } from "../ui/dom.js";
import { clock } from "../ui/format.js";

/** @typedef {{ number: number, text: string, time: number }} Told its time is Unix seconds */

export class ToldLine {
  constructor() {
    this.dismissed = 0;
    this.number = 0;
    this.text = element("span", { role: "status", "aria-label": "Ended" });
    this.element = element(
      "div",
      { class: "pw-told", hidden: true },
      this.text,
      button("Dismiss", () => {
        this.dismissed = this.number;
        setHidden(this.element, true);
      }),
    );
  }

  /** @param {Told | null | undefined} told */
  show(told) {
    const wanted = told && told.number > this.dismissed ? told : null;
    if (wanted) {
      this.number = wanted.number;
      // Shown first: a screen reader speaks only what is written where it can be seen.
      setHidden(this.element, false);
      setText(this.text, `${clock(wanted.time)}: ${wanted.text}`);
    }
  }
}
