/**
 * The summary's requests to the kernel. Each gets one answer; one that is not answered in time is refused here.
 */

import { randomName } from "./names.js";
import { parse } from "./protocol.js";

/** @import { Model } from "../types.js" */
/** @import { HeadAnswer } from "./answers.js" */
/** @import { HeadRequest } from "./protocol.js" */

/** Milliseconds after which nobody waits for an answer any more. */
export const PATIENCE = 15000;

export class HeadLink {
  /** @param {Model} model the summary's */
  constructor(model) {
    this.model = model;
    /** @type {Map<string, (answer: HeadAnswer) => void>} */
    this.requests = new Map();
    this.receive = (/** @type {any} */ content) => {
      const message = parse(content);
      if (message?.type === "answer") {
        this.#take(message.request, message.answer);
      }
    };
    model.on("msg:custom", this.receive);
  }

  close() {
    this.model.off("msg:custom", this.receive);
    this.requests.clear();
  }

  /**
   * @param {HeadRequest} content
   * @param {(answer: HeadAnswer) => void} then
   */
  request(content, then) {
    const request = randomName();
    this.requests.set(request, then);
    setTimeout(
      () => this.#take(request, { result: "refused", refusals: ["The kernel does not answer: try again."] }),
      PATIENCE,
    );
    this.send({ ...content, request });
  }

  /** @param {object} content */
  send(content) {
    try {
      this.model.send(content);
    } catch (error) {
      // A dead kernel takes no messages; the page shows it as stale figures.
      console.debug("procwidget: not sent", error);
    }
  }

  /**
   * @param {string} request
   * @param {HeadAnswer} answer
   */
  #take(request, answer) {
    const then = this.requests.get(request);
    this.requests.delete(request);
    then?.(answer);
  }
}
