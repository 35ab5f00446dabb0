/**
 * The buttons beside the sentence, "Show" and "End…", for who causes what it says. They only tell the table, by events
 * of the dashboard's element: it has the search, and the dialog that asks before anything is signalled.
 */

import { button, element, setAttribute, setHidden } from "../ui/dom.js";
import { expectMenu } from "./expect_menu.js";

/** @import { AlertName } from "../connection/protocol.js" */
/** @import { Expect } from "./alert_item.js" */

/**
 * @typedef {object} Cause
 * @property {string} kind
 * @property {string} name
 * @property {number | null} [share]
 * @property {string[]} processes identities
 * @property {string} query a search that finds them
 */

/** Bubbles from the dashboard's element; its detail is a search. */
export const SHOW = "procwidget-show";

/** The same; its detail is a list of identities. */
export const END = "procwidget-end";

/** An attribute of the dashboard's element, once its table hears these: whether processes can be ended from here. */
export const ACTS = "data-acts";

/** So many processes can be ended by one question; of more, only some would be. */
const MOST = 10;

/**
 * Do what the buttons of a dashboard ask for; for the table.
 * @param {HTMLElement} dashboard
 * @param {boolean} acts whether processes can be ended from here
 * @param {{ show: (query: string) => void, end: (identities: string[]) => void }} on
 * @returns {() => void} ends that
 */
export function followCause(dashboard, acts, on) {
  const hear = (/** @type {Event} */ event) => {
    const { type, detail } = /** @type {CustomEvent} */ (event);
    (type === SHOW ? on.show : on.end)(detail);
  };
  dashboard.setAttribute(ACTS, String(acts));
  [SHOW, END].forEach((type) => dashboard.addEventListener(type, hear));
  return () => [SHOW, END].forEach((type) => dashboard.removeEventListener(type, hear));
}

export class CauseButtons {
  /**
   * @param {() => HTMLElement} dashboard
   * @param {Expect} expect
   */
  constructor(dashboard, expect) {
    this.dashboard = dashboard;
    /** The alert that the sentence says. @type {AlertName | null} */
    this.name = null;
    /** @type {Cause | null} */
    this.cause = null;
    this.showButton = button("Show", () => this.#tell(SHOW, this.cause?.query ?? ""), {
      class: "pw-button pw-cause-show",
    });
    this.endButton = button("End…", () => this.#tell(END, this.cause?.processes ?? []), {
      class: "pw-button pw-cause-end",
    });
    this.expectMenu = expectMenu(() => this.name, expect);
    setAttribute(this.expectMenu.disclosure.button, "aria-label", "Expected… (the sentence)");
    this.element = element(
      "div",
      { class: "pw-cause pw-headline-actions", role: "group", "aria-label": "The cause", hidden: true },
      this.showButton,
      this.endButton,
      this.expectMenu.element,
    );
  }

  /** @param {{ cause?: Cause | null, kind?: string, about?: string }} sentence */
  show({ cause, kind, about }) {
    this.cause = cause ?? null;
    const name = kind === undefined ? null : { kind, about: about ?? "" };
    if (name?.kind !== this.name?.kind || name?.about !== this.name?.about) {
      // What was opened for one alert must not be chosen for the next.
      this.expectMenu.disclosure.show(false);
    }
    this.name = name;
    const few = cause ? cause.processes.length > 0 && cause.processes.length <= MOST : false;
    setHidden(this.element, !cause && this.name === null);
    setHidden(this.expectMenu.element, this.name === null);
    setHidden(this.showButton, !cause?.query);
    setHidden(this.endButton, !few || this.dashboard().getAttribute(ACTS) !== "true");
    setAttribute(this.showButton, "title", cause ? `Show ${cause.name} in the table` : null);
    setAttribute(this.endButton, "title", cause ? `Ask to end ${cause.name}` : null);
  }

  /**
   * @param {string} type
   * @param {string | string[]} detail
   */
  #tell(type, detail) {
    this.dashboard().dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }
}
