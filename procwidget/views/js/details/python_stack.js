/**
 * The Python stack of the process whose details are open: a button that asks for it, and the text once it came. It is
 * asked for anew with each click, because it is about a moment.
 */

import { stack } from "../connection/protocol.js";
import { button, element, setHidden, setText } from "../ui/dom.js";

/** @import { Answer, ProcessDetails } from "../connection/answers.js" */
/** @import { Request } from "../connection/protocol.js" */

export class PythonStack {
  /** @param {(build: (identity: string) => Request, then: (answer: Answer) => void) => void} request */
  constructor(request) {
    this.button = button("Python stack", () => {
      this.button.disabled = true;
      request(stack, (answer) => {
        this.button.disabled = false;
        if (answer.result === "stack") {
          setText(this.text, answer.stack);
          setHidden(this.element, false);
          this.text.focus({ preventScroll: true });
        }
      });
    });
    this.text = element("pre", { class: "pw-stack", tabindex: "0", "aria-label": "Python stack" });
    this.element = element("div", { hidden: true }, this.text);
    this.clear();
  }

  /** Forget it, for another process is shown now. */
  clear() {
    setText(this.text, "");
    setHidden(this.element, true);
    setHidden(this.button, true);
    this.button.disabled = false;
  }

  /** @param {ProcessDetails} known */
  offer({ stack: possible = false }) {
    setHidden(this.button, !possible);
  }
}
