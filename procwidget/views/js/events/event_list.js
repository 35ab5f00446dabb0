/**
 * The button "Events" and its panel: what was wrong or done earlier, the newest first. The kernel is asked for the list
 * when the panel is opened, and again when it has changed meanwhile; nothing of it comes before.
 */

import { requestEvents } from "../connection/protocol.js";
import { Disclosure } from "../ui/disclosure.js";
import { button, element, isOutside, setText, uniqueId } from "../ui/dom.js";
import { age, moment } from "../ui/format.js";
import { GO_TO } from "../ui/past_events.js";

/** @import { HeadLink } from "../connection/head_link.js" */
/** @import { LoggedEvent } from "../connection/answers.js" */

export class EventList {
  /**
   * @param {Pick<HeadLink, "request">} link
   * @param {HTMLElement[]} below what stands below the list
   */
  constructor(link, below) {
    this.link = link;
    /** The version that the kernel has, and the one that is shown. */
    this.version = -1;
    this.shown = -1;
    this.asking = false;
    this.note = element("div", { class: "pw-events-note", role: "status", "aria-label": "About the events" });
    this.list = element("ol", { class: "pw-events", "aria-label": "Events", tabindex: "0" });
    const panel = element(
      "div",
      { class: "pw-events-panel", id: uniqueId("events"), role: "group", "aria-label": "Events" },
      this.list,
      this.note,
      ...below,
    );
    this.outside = (/** @type {Event} */ { target }) => {
      if (isOutside(this.disclosure.element, target)) {
        this.disclosure.show(false);
      }
    };
    this.disclosure = new Disclosure("Events", panel, {
      opened: () => {
        document.addEventListener("pointerdown", this.outside);
        this.shown = -1;
        setText(this.note, "Asking…");
        this.#ask();
      },
      closed: () => {
        document.removeEventListener("pointerdown", this.outside);
        this.list.replaceChildren();
      },
      redrawn: true,
    });
    this.element = this.disclosure.element;
  }

  remove() {
    this.disclosure.popup.show(false);
    document.removeEventListener("pointerdown", this.outside);
  }

  /** @param {number} version of the log that the newest reading has */
  follow(version) {
    this.version = version;
    if (this.disclosure.open && version !== this.shown) {
      this.#ask();
    }
  }

  #ask() {
    if (this.asking) {
      return;
    }
    this.asking = true;
    this.link.request(requestEvents(), (answer) => {
      this.asking = false;
      if (!this.disclosure.open) {
        return;
      }
      if (answer.result === "events") {
        this.shown = answer.version;
        this.#show(answer.events, answer.now ?? Date.now() / 1000);
      } else if (answer.result === "refused") {
        setText(this.note, answer.refusals.join(" "));
      }
    });
  }

  /**
   * Have the moment of an event shown.
   * @param {number} when Unix seconds
   */
  #go(when) {
    this.disclosure.show(false);
    this.element.dispatchEvent(new CustomEvent(GO_TO, { bubbles: true, detail: { when } }));
  }

  /**
   * @param {LoggedEvent[]} events the oldest first
   * @param {number} last the moment of the newest reading, Unix seconds
   */
  #show(events, last) {
    setText(this.note, events.length === 0 ? "Nothing was wrong and nothing was done, as far back as is known." : "");
    const top = this.list.scrollTop;
    this.list.replaceChildren(...[...events].reverse().map((event) => item(event, last, (when) => this.#go(when))));
    this.list.scrollTop = top;
    this.disclosure.popup.place();
  }
}

/**
 * @param {LoggedEvent} event
 * @param {number} last the moment of the newest reading, Unix seconds
 * @param {(when: number) => void} go called to see its moment
 */
function item({ level, began, ended, text }, last, go) {
  return element(
    "li",
    { "data-level": level },
    button(moment(began, Date.now() / 1000), () => go(began), {
      class: "pw-relative pw-event-time",
      title: "Show what there was then",
    }),
    element("span", { class: "pw-event-mark", role: "img", "aria-label": level }),
    element("span", { class: "pw-event-text" }, text),
    element("span", { class: "pw-event-lasted" }, lasted(began, ended, last)),
  );
}

/**
 * How long an event lasted, in words; nothing for a moment.
 * @param {number} began
 * @param {number | null} ended
 * @param {number} now
 */
export function lasted(began, ended, now) {
  if (ended === null) {
    return `for ${age(began, now)}, goes on`;
  }
  return ended === began ? "" : `for ${age(began, ended)}`;
}
