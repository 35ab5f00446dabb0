/** The busiest threads of a process, in the panel of details: a list of name, number, CPU and CPU time, as text. */

import { element, setText } from "../ui/dom.js";
import { figure, UNKNOWN } from "../ui/format.js";

/** @import { ProcessDetails, Thread } from "../connection/answers.js" */

/** @param {Thread} thread */
function said({ id, name, cpu_time: seconds, cpu = null }) {
  const now = cpu === null ? "" : `${figure(cpu, 1)} %, `;
  return [name === null ? `(${id})` : `${name} (${id})`, seconds === null ? UNKNOWN : `${now}${figure(seconds, 2)} s`];
}

export class ThreadList {
  constructor() {
    /** What stands in place of a list. */
    this.words = element("span", {}, UNKNOWN);
    this.list = element("ul", {
      class: "pw-threads",
      role: "list",
      "aria-label": "Busiest threads, with their CPU now and in all",
      hidden: true,
    });
    this.element = element("dd", {}, this.words, this.list);
  }

  clear() {
    this.#say(UNKNOWN, []);
  }

  /**
   * @param {ProcessDetails} details
   * @param {boolean} denied whether threads may not be read
   */
  show({ busiest_threads: busiest }, denied) {
    this.#say(denied ? "not permitted" : UNKNOWN, busiest ?? []);
  }

  /**
   * Only what changed is written: most threads of a process do nothing from one look to the next.
   * @param {string} words what is said where there is none
   * @param {Thread[]} threads
   */
  #say(words, threads) {
    this.list.hidden = threads.length === 0;
    this.words.hidden = threads.length > 0;
    setText(this.words, words);
    while (this.list.children.length > threads.length) {
      this.list.lastElementChild?.remove();
    }
    for (const [at, thread] of threads.entries()) {
      const item =
        this.list.children[at] ??
        this.list.appendChild(
          element("li", {}, element("span", {}), " ", element("span", { class: "pw-thread-time" })),
        );
      for (const [place, text] of said(thread).entries()) {
        setText(/** @type {HTMLElement} */ (item.children[place]), text);
      }
    }
  }
}
