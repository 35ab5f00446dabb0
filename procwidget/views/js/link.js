/**
 * The table's wire to the kernel, one for all views of a model on a page. Messages of the kernel enter and frames go
 * to the store, with what comes beside them for the summary and the charts, which are handed over; what views want (to watch, to ask) leaves as messages. A frame out of sequence is dropped and a whole
 * one is asked for. While nobody here watches, frames are ignored; while somebody does, the kernel hears of it. When the
 * kernel has lost the widget, views are told, and every request is refused.
 */

import { followLoss, loss } from "./kernel.js";
import { Neighbours } from "./neighbours.js";
import { Plots } from "./plots.js";

/** @import { Answer, Frame, Model } from "./types.js" */
/** @import { Store } from "./store.js" */

/** Seconds between signs of life; the kernel gives up views that were silent for fifteen. */
export const HEARTBEAT = 5;

/** Seconds without a frame, beyond three intervals, after which watching is announced again. */
export const SILENCE = 10;

const LONGEST_SILENCE = 120;

/** A name that no other page has. `randomUUID` is missing where a page is not served securely. */
function randomName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}

export class Link {
  /**
   * @param {Model} model
   * @param {Store} store
   * @param {() => number} [now] milliseconds
   */
  constructor(model, store, now = () => performance.now()) {
    this.model = model;
    this.store = store;
    this.now = now;
    this.name = randomName();
    this.watching = false;
    /** @type {Set<object>} */
    this.watchers = new Set();
    /** @type {Map<string, (answer: Answer) => void>} */
    this.requests = new Map();
    /** The newest frame that was applied; null while a whole one is awaited. @type {number | null} */
    this.seq = null;
    this.interval = 2;
    this.heard = 0;
    this.askedWhole = -Infinity;
    this.patience = SILENCE;
    /** Why nothing comes any more, once that is known. @type {string | null} */
    this.lost = null;
    this.doubting = false;
    this.neighbours = new Neighbours(model.widget_manager);
    this.plots = new Plots(this.neighbours);
    /** @type {Set<(why: string | null) => void>} */
    this.listeners = new Set();
    this.receive = this.receive.bind(this);
    this.leave = () => this.#watch(false);
    this.back = () => this.#watch(this.watchers.size > 0);
    this.again = () => {
      // The kernel may have given this view up meanwhile: it hears of it as of a new one.
      this.watching = false;
      this.back();
    };
    this.timer = setInterval(() => this.beat(), HEARTBEAT * 1000);
    model.on("msg:custom", this.receive);
    this.stopFollowing = followLoss(model, (why) => this.#lose(why));
    window.addEventListener("pagehide", this.leave);
    // A page may be put aside and come back as it was.
    window.addEventListener("pageshow", this.back);
    window.addEventListener("online", this.again);
  }

  close() {
    clearInterval(this.timer);
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.back);
    window.removeEventListener("online", this.again);
    this.model.off("msg:custom", this.receive);
    this.stopFollowing();
    this.watchers.clear();
    this.#watch(false);
  }

  /**
   * Note whether a view wants frames.
   * @param {object} view
   * @param {boolean} wants
   */
  want(view, wants) {
    if (wants) {
      this.watchers.add(view);
    } else {
      this.watchers.delete(view);
    }
    this.#watch(this.watchers.size > 0);
  }

  /**
   * Call `listener` when the kernel has lost the widget, with a sentence, and with null should it be back.
   * @param {(why: string | null) => void} listener
   * @returns {() => void} stops that
   */
  follow(listener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Send a request; each gets an answer, sooner or later.
   * @param {object} content
   * @param {(answer: Answer) => void} then
   * @returns {string} the request's name
   */
  request(content, then) {
    const request = randomName();
    this.requests.set(request, then);
    if (this.lost === null) {
      this.send({ ...content, request });
    } else {
      const why = this.lost;
      queueMicrotask(() => this.#refuse(why, false));
    }
    return request;
  }

  /** @param {object} content */
  send(content) {
    try {
      this.model.send({ ...content, view: this.name });
    } catch (error) {
      // A kernel that is gone takes no messages; the page says so by being stale.
      console.debug("procwidget: not sent", error);
    }
  }

  /** Show a sign of life, and announce this view again when no frame comes. */
  beat() {
    if (!this.watching || this.lost !== null) {
      return;
    }
    const silent = (this.now() - this.heard) / 1000;
    if (silent > Math.max(this.patience, 3 * this.interval)) {
      this.patience = Math.min(2 * this.patience, LONGEST_SILENCE);
      this.heard = this.now();
      this.send({ type: "watch", on: true });
      this.#doubt();
    } else if (this.seq !== null) {
      this.send({ type: "ack", seq: this.seq });
    }
  }

  /**
   * @param {any} content
   * @param {(DataView | ArrayBuffer)[]} [buffers]
   */
  receive(content, buffers = []) {
    if (content?.type === "frame") {
      if (this.lost !== null) {
        this.#lose(null);
      }
      if (this.watching) {
        this.#take(content, buffers);
      }
    } else if (content?.type === "answer") {
      const then = this.requests.get(content.request);
      this.requests.delete(content.request);
      then?.(content);
    }
  }

  /**
   * @param {Frame} frame
   * @param {(DataView | ArrayBuffer)[]} buffers its block, and the charts' points where those are whole
   */
  #take(frame, [block, points]) {
    const now = this.now();
    this.heard = now;
    this.patience = SILENCE;
    this.interval = frame.interval ?? this.interval;
    const next = frame.whole || (this.seq !== null && frame.seq === this.seq + 1);
    const applied = next && this.store.apply(frame, block);
    this.#passOn(frame, points, applied);
    if (applied) {
      // Acknowledged with the next sign of life: each message costs the kernel as much as reading the host.
      this.seq = frame.seq;
      return;
    }
    this.seq = null;
    if (now - this.askedWhole > HEARTBEAT * 1000) {
      this.askedWhole = now;
      this.send({ type: "whole" });
    }
  }

  /**
   * Hand over what came beside a frame; what is whole makes sense without those before it.
   * @param {Frame} frame
   * @param {DataView | ArrayBuffer | undefined} points
   * @param {boolean} next whether none was missed
   */
  #passOn({ reading, charts }, points, next) {
    if (reading && (next || reading.whole)) {
      this.neighbours.meet(reading.model, (summary) =>
        summary.set_state({ reading: { ...(reading.whole ? {} : summary.get("reading")), ...reading.values } }),
      );
    }
    if (charts && (next || charts.models)) {
      this.plots.take(charts, points);
    }
  }

  /** Find out why it is silent; a kernel that computes answers when it is done. */
  async #doubt() {
    if (this.doubting) {
      return;
    }
    this.doubting = true;
    const asked = this.heard;
    const why = await loss(this.model);
    this.doubting = false;
    if (this.lost !== null || this.heard !== asked || !this.watching) {
      return;
    }
    if (why === null) {
      // Asking may have opened a way that was closed.
      this.send({ type: "watch", on: true });
    } else {
      this.#lose(why);
    }
  }

  /** @param {string | null} why */
  #lose(why) {
    this.lost = why;
    if (why !== null) {
      this.#refuse(why, true);
    }
    this.listeners.forEach((listener) => listener(why));
  }

  /**
   * @param {string} why what every request gets for an answer
   * @param {boolean} unknown whether the kernel may have heard them
   */
  #refuse(why, unknown) {
    const waiting = [...this.requests.values()];
    this.requests.clear();
    waiting.forEach((then) => then({ result: "refused", refusals: [why], unknown }));
  }

  /** @param {boolean} on */
  #watch(on) {
    if (on === this.watching) {
      return;
    }
    this.watching = on;
    // What came meanwhile was missed; the answer to "watch" is a whole frame.
    this.seq = null;
    this.heard = this.askedWhole = this.now();
    this.patience = SILENCE;
    this.send({ type: "watch", on });
  }
}
