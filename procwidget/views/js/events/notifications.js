/**
 * The switch for the browser's notifications: on request only, and where the browser refuses it says so. While it is
 * on, the kernel is told every minute, because it tells a hidden page nothing otherwise. The choice is kept for this
 * browser; whether it may show any is the browser's own.
 */

import { wantNotices } from "../connection/protocol.js";
import { element, setText } from "../ui/dom.js";

/** @import { HeadLink } from "../connection/head_link.js" */

/** Milliseconds between two words to the kernel, which forgets after three minutes. */
const AGAIN = 60000;

const CHOICE = "procwidget-notify";

const LABEL = "Notify me here when something becomes critical, or a process ends that I asked about";

export class Notifications {
  /** @param {Pick<HeadLink, "send">} link */
  constructor(link) {
    this.link = link;
    this.box = element("input", { type: "checkbox" });
    this.state = element("div", { class: "pw-notify-state", role: "status", "aria-label": "About notifications" });
    this.element = element("div", { class: "pw-notify" }, element("label", {}, this.box, " ", LABEL), this.state);
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.box.addEventListener("change", () => this.#choose(this.box.checked));
    if (stored() && support()?.permission === "granted") {
      this.#turn(true);
    }
  }

  remove() {
    clearInterval(this.timer);
  }

  /**
   * Show a notification, if the switch is on.
   * @param {string} text
   */
  show(text) {
    const Notice = support();
    if (!this.box.checked || Notice?.permission !== "granted") {
      return;
    }
    try {
      // One replaces the other of the same text, as when two tabs are open.
      new Notice("procwidget", { body: text, tag: `procwidget ${text}` });
    } catch (error) {
      // Browsers of phones have the class and let only service workers use it.
      this.#turn(false);
      setText(this.state, "This browser shows no notifications of pages.");
      console.debug("procwidget: no notification", error);
    }
  }

  /** @param {boolean} on */
  async #choose(on) {
    store(on);
    this.#turn(false);
    if (!on) {
      return;
    }
    const Notice = support();
    if (!Notice) {
      setText(this.state, "This browser shows notifications only on pages over https or from this machine.");
      return;
    }
    setText(this.state, "Asking the browser…");
    const permission = await Notice.requestPermission();
    if (permission === "granted") {
      this.#turn(true);
    } else {
      store(false);
      setText(
        this.state,
        permission === "denied"
          ? "The browser refuses notifications of this page; its settings for this site can allow them."
          : "The browser was not allowed to show notifications.",
      );
    }
  }

  /** @param {boolean} on */
  #turn(on) {
    clearInterval(this.timer);
    this.box.checked = on;
    setText(this.state, "");
    if (on) {
      this.link.send(wantNotices());
      this.timer = setInterval(() => this.link.send(wantNotices()), AGAIN);
    }
  }
}

/** The browser's class for notifications, undefined where a page cannot use it. */
function support() {
  return window.isSecureContext === false ? undefined : window.Notification;
}

function stored() {
  try {
    return localStorage.getItem(CHOICE) === "on";
  } catch {
    return false;
  }
}

/** @param {boolean} on */
function store(on) {
  try {
    localStorage.setItem(CHOICE, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing: the choice is for this visit.
  }
}
