/**
 * The table's connection to the kernel, one for all views of a model on a page. It passes frames to the store, what
 * comes with them to the summary and the charts, and answers to whoever sent the request. It tells the kernel whether
 * any view here is visible; while none is, frames are ignored. After a missed frame it asks for a whole one. When the
 * kernel has lost the widget, it tells the views and refuses every request.
 */

import { Emitter } from "../ui/emitter.js";
import { ChartPoints } from "./chart_points.js";
import { Demand } from "./demand.js";
import { findLoss, followLoss } from "./kernel_loss.js";
import { PanelContents } from "./panel_contents.js";
import { randomName } from "./names.js";
import { acknowledge, openPanels, parse, requestWhole, shows, wantFields, watch } from "./protocol.js";
import { SiblingModels } from "./sibling_models.js";

/** @import { Model } from "../types.js" */
/** @import { Answer } from "./answers.js" */
/** @import { MomentAnswer } from "./past_messages.js" */
/** @import { Arrangement, Frame, Notice, Request } from "./protocol.js" */

/** @typedef {{ apply: (frame: Frame, block: DataView | ArrayBuffer | undefined) => boolean }} FrameTaker the store */

/** Seconds between heartbeats; the kernel stops sending after fifteen without one. */
const HEARTBEAT = 5;

/** Seconds without a frame after which watching is announced again; three intervals if that is longer. */
const SILENCE = 10;

const LONGEST_SILENCE = 120;

/** Nothing is ended from the past by accident: who is shown there may have ended, and others act on what they see. */
export const PAST = "This is a past moment: go back to Live to act on processes.";

/**
 * Emits a sentence when the kernel has lost the widget, and null should it be back.
 * @extends {Emitter<[why: string | null]>}
 */
export class Link extends Emitter {
  /**
   * @param {Model} model
   * @param {FrameTaker} store
   * @param {() => number} [now] milliseconds
   */
  constructor(model, store, now = () => performance.now()) {
    super();
    this.model = model;
    this.store = store;
    this.now = now;
    this.name = randomName();
    this.watching = false;
    /** @type {Set<object>} */
    this.watchers = new Set();
    /** @type {Map<string, (answer: Answer, buffers: (DataView | ArrayBuffer)[]) => void>} */
    this.requests = new Map();
    /** The past moment that is shown, by all views here. @type {MomentAnswer | null} */
    this.moment = null;
    /** Called when Python asks to show a moment; null is the present. @type {(when: string | number | null) => void} */
    this.onGo = () => {};
    /** The summary's model. @type {string | null} */
    this.summary = null;
    /** The newest frame that was applied; null while a whole one is awaited. @type {number | null} */
    this.seq = null;
    this.interval = 2;
    this.heard = 0;
    this.askedWhole = -Infinity;
    this.patience = SILENCE;
    /** Why nothing comes any more, once that is known. @type {string | null} */
    this.lost = null;
    this.doubting = false;
    const tell = (/** @type {Notice} */ notice) => this.watching && this.send(notice);
    /** What the views need of the fields that are read on demand. */
    this.fields = new Demand(() => tell(wantFields(this.fields.all, this.inSight.all)));
    /** Of which processes, where fields are read of a few only. */
    this.inSight = new Demand(() => tell(wantFields(this.fields.all, this.inSight.all)));
    /** Which panels the views have open. */
    this.opened = new Demand((names) => tell(openPanels(names)));
    this.panels = new PanelContents();
    /** Identities of the processes whose end will be told. @type {Set<string>} */
    this.telling = new Set();
    this.siblings = new SiblingModels(model.widget_manager);
    this.charts = new ChartPoints(this.siblings);
    this.receive = this.receive.bind(this);
    this.leave = () => this.#watch(false);
    this.back = () => this.#watch(this.watchers.size > 0);
    this.again = () => {
      // The kernel may have given this view up meanwhile, so announce it as a new one.
      this.watching = false;
      this.back();
    };
    this.timer = setInterval(() => this.beat(), HEARTBEAT * 1000);
    model.on("msg:custom", this.receive);
    this.stopFollowing = followLoss(model, (why) => this.#lose(why));
    window.addEventListener("pagehide", this.leave);
    // A page may come back from the back/forward cache as it was.
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
      this.fields.forget(view);
      this.opened.forget(view);
    }
    this.#watch(this.watchers.size > 0);
  }

  /**
   * Note which fields that are read on demand a view needs.
   * @param {object} view
   * @param {string[]} keys
   * @param {string[]} [inSight] the identities of the largest processes that it shows, none where it shows all
   */
  demand(view, keys, inSight = []) {
    this.fields.set(view, keys);
    this.inSight.set(view, inSight);
  }

  /**
   * Note how a view is arranged; the kernel is told of the one that was arranged last.
   * @param {Arrangement} arrangement
   * @returns {boolean} whether it was told; before anybody watches nobody is there to listen
   */
  arrange(arrangement) {
    if (this.watching) {
      this.send(shows(arrangement));
    }
    return this.watching;
  }

  /**
   * Note which panels a view has open.
   * @param {object} view
   * @param {string[]} names
   */
  open(view, names) {
    this.opened.set(view, names);
    this.panels.keep(this.opened.all);
  }

  /** Tell the kernel what the views need, of which it knows nothing. */
  #tellDemands() {
    this.fields.tellAnew();
    this.opened.tellAnew();
  }

  /**
   * Send a request. Each gets one answer, from the kernel or, when that has lost the widget, from here.
   * @param {Request} content
   * @param {(answer: Answer, buffers: (DataView | ArrayBuffer)[]) => void} then
   * @returns {string} the request's name
   */
  request(content, then) {
    const request = randomName();
    this.requests.set(request, then);
    if (this.held && (content.type === "ask" || content.type === "confirm")) {
      const refusal = { result: /** @type {const} */ ("refused"), refusals: [PAST] };
      this.requests.delete(request);
      queueMicrotask(() => then(refusal, []));
      return request;
    }
    if (this.lost === null) {
      this.send({ ...content, request });
    } else {
      const why = this.lost;
      queueMicrotask(() => this.#refuse(why, false));
    }
    return request;
  }

  /** Whether a past moment is shown, so that frames are heard and not applied. */
  get held() {
    return this.moment !== null;
  }

  /**
   * Apply no more frames, for a past moment is shown; or, with null, go on with a whole one.
   * @param {MomentAnswer | null} moment
   */
  hold(moment) {
    const before = this.held;
    this.moment = moment;
    this.charts.past = this.held;
    if (before && !this.held) {
      this.seq = null;
      this.askedWhole = this.now();
      this.send(requestWhole());
    }
  }

  /**
   * Show the summary of a past moment.
   * @param {Record<string, unknown>} reading
   */
  describe(reading) {
    if (this.summary !== null) {
      this.siblings.meet(this.summary, (summary) => this.siblings.give(summary, { reading }));
    }
  }

  /** @param {Notice | (Request & { request: string })} content */
  send(content) {
    try {
      this.model.send({ ...content, view: this.name });
    } catch (error) {
      // A dead kernel takes no messages; the page shows it as stale figures.
      console.debug("procwidget: not sent", error);
    }
  }

  /** Send a heartbeat, or announce this view again when no frame comes. */
  beat() {
    if (!this.watching || this.lost !== null) {
      return;
    }
    const silent = (this.now() - this.heard) / 1000;
    if (silent > Math.max(this.patience, 3 * this.interval)) {
      this.patience = Math.min(2 * this.patience, LONGEST_SILENCE);
      this.heard = this.now();
      this.send(watch(true));
      this.#tellDemands();
      this.#doubt();
    } else if (this.seq !== null) {
      this.send(acknowledge(this.seq));
    }
  }

  /**
   * @param {any} content
   * @param {(DataView | ArrayBuffer)[]} [buffers]
   */
  receive(content, buffers = []) {
    const message = parse(content);
    if (message?.type === "frame") {
      if (this.lost !== null) {
        this.#lose(null);
      }
      if (this.watching) {
        this.#take(message.frame, buffers);
      }
    } else if (message?.type === "panels") {
      if (this.watching && !this.held) {
        this.panels.take(message.panels);
      }
    } else if (message?.type === "answer") {
      const then = this.requests.get(message.request);
      this.requests.delete(message.request);
      then?.(message.answer, buffers);
    } else if (message?.type === "go") {
      this.onGo(message.when);
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
    this.summary = frame.reading?.model ?? this.summary;
    if (this.held) {
      // Acknowledged, so that others go on; a whole one ends the hold.
      this.seq = frame.seq;
      return;
    }
    const next = frame.whole || (this.seq !== null && frame.seq === this.seq + 1);
    const applied = next && this.store.apply(frame, block);
    this.#passOn(frame, points, applied);
    if (applied) {
      // Acknowledged with the next heartbeat: each message costs the kernel as much as reading the host.
      this.seq = frame.seq;
      return;
    }
    this.seq = null;
    if (now - this.askedWhole > HEARTBEAT * 1000) {
      this.askedWhole = now;
      this.send(requestWhole());
    }
  }

  /**
   * Hand over what came beside a frame; what is whole makes sense without those before it.
   * @param {Frame} frame
   * @param {DataView | ArrayBuffer | undefined} points
   * @param {boolean} next whether none was missed
   */
  #passOn({ reading, charts, panels, found, telling, whole, time }, points, next) {
    if (panels && (next || whole)) {
      this.panels.take(panels);
    }
    if (found) {
      this.panels.find(found);
    }
    if (telling) {
      this.telling = new Set(telling);
    }
    if (reading && (next || reading.whole)) {
      this.siblings.meet(reading.model, (summary) =>
        this.siblings.give(summary, {
          reading: { ...(reading.whole ? {} : summary.get("reading")), ...reading.values },
        }),
      );
    }
    if (charts && (next || charts.models)) {
      this.charts.take(charts, points, time);
    }
  }

  /** Find out why the kernel is silent; one that is computing answers when it is done. */
  async #doubt() {
    if (this.doubting) {
      return;
    }
    this.doubting = true;
    const asked = this.heard;
    const why = await findLoss(this.model);
    this.doubting = false;
    if (this.lost !== null || this.heard !== asked || !this.watching) {
      return;
    }
    if (why === null) {
      // Asking may have reopened a closed subshell.
      this.send(watch(true));
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
    this.emit(why);
  }

  /**
   * @param {string} why what every request gets for an answer
   * @param {boolean} unknown whether the kernel may have heard them
   */
  #refuse(why, unknown) {
    const waiting = [...this.requests.values()];
    this.requests.clear();
    waiting.forEach((then) => then({ result: "refused", refusals: [why], unknown }, []));
  }

  /** @param {boolean} on */
  #watch(on) {
    if (on === this.watching) {
      return;
    }
    this.watching = on;
    // Frames were missed meanwhile; the answer to "watch" is a whole one.
    this.seq = null;
    this.heard = this.askedWhole = this.now();
    this.patience = SILENCE;
    this.send(watch(on));
    this.#tellDemands();
  }
}
