/** The states that hosts are in, with how many; a click shows only those of one. */

import { button, element, setAttribute, setHidden, setText } from "../ui/dom.js";
import { MARKS, STATES } from "./rows.js";

/** @import { Host, State } from "./rows.js" */

export class StateGroups {
  /** @param {(state: string) => void} choose called with the state to show, "" for all */
  constructor(choose) {
    this.chosen = "";
    this.all = button("", () => choose(""), { class: "pw-button pw-state-group" });
    this.buttons = Object.keys(STATES).map((state) => {
      const made = button("", () => choose(this.chosen === state ? "" : state), {
        class: "pw-button pw-state-group",
        "data-state": state,
      });
      return /** @type {[State, HTMLButtonElement]} */ ([state, made]);
    });
    this.element = element(
      "div",
      { class: "pw-state-groups", role: "group", "aria-label": "Hosts by state" },
      this.all,
      ...this.buttons.map(([, made]) => made),
    );
  }

  /**
   * @param {Host[]} hosts
   * @param {string} chosen
   */
  show(hosts, chosen) {
    this.chosen = chosen;
    setText(this.all, `All ${hosts.length}`);
    setAttribute(this.all, "aria-pressed", String(chosen === ""));
    for (const [state, made] of this.buttons) {
      const count = hosts.filter((host) => host.state === state).length;
      setText(made, `${MARKS[state]} ${STATES[state]} ${count}`);
      setHidden(made, count === 0 && chosen !== state);
      setAttribute(made, "aria-pressed", String(chosen === state));
    }
  }
}
