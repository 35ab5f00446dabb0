/**
 * What a process has open, in its panel: files, and sockets with their addresses. They are read when the button is
 * pressed and not by themselves, for a process may have ten thousand. Everything is drawn as text.
 */

import { button, element, setText } from "../ui/dom.js";
import { figure } from "../ui/format.js";

/** @import { Opened } from "../connection/answers.js" */

export class OpenList {
  /** @param {() => void} ask has the kernel asked; the answer comes to `show` */
  constructor(ask) {
    this.button = button("Open files and sockets", () => {
      setText(this.words, "Asking…");
      this.element.hidden = false;
      ask();
    });
    this.words = element("div", { role: "status", "aria-label": "About open files" });
    this.sockets = element("ul", { class: "pw-threads", role: "list", "aria-label": "Sockets" });
    this.files = element("ul", { class: "pw-open-files", role: "list", "aria-label": "Open files", tabindex: "0" });
    this.element = element("div", { class: "pw-opened", hidden: true }, this.words, this.sockets, this.files);
  }

  /** Forget the previous process. */
  clear() {
    this.element.hidden = true;
    this.#list(this.sockets, []);
    this.#list(this.files, []);
  }

  /** @param {string[]} refusals why there is no answer */
  refuse(refusals) {
    setText(this.words, refusals.join(" "));
  }

  /** @param {Opened} opened */
  show({ files, file_count, sockets, socket_count, others }) {
    const counted = [
      count(socket_count, "socket", sockets.length),
      files === null ? "files are not shown on this page" : count(file_count, "file", files.length),
      `${count(others, "pipe or the like", others, "pipes and the like")}.`,
    ];
    setText(this.words, counted.join(", "));
    this.#list(
      this.sockets,
      sockets.map(({ kind, local, remote, state }) =>
        [kind, local, remote === null ? "" : `→ ${remote}`, state ?? ""].filter(Boolean).join(" "),
      ),
    );
    this.#list(
      this.files,
      (files ?? []).map(({ path, descriptors }) => (descriptors > 1 ? `${path} (${figure(descriptors)} times)` : path)),
    );
    // It is below all other details, perhaps out of sight.
    this.element.scrollIntoView?.({ block: "nearest" });
  }

  /**
   * @param {HTMLElement} into
   * @param {string[]} texts
   */
  #list(into, texts) {
    into.hidden = texts.length === 0;
    into.replaceChildren(...texts.map((text) => element("li", {}, text)));
  }
}

/**
 * @param {number} number
 * @param {string} one
 * @param {number} listed
 * @param {string} [many]
 */
function count(number, one, listed, many = `${one}s`) {
  const all = `${figure(number)} ${number === 1 ? one : many}`;
  return listed < number ? `${all} (the first ${figure(listed)} are listed)` : all;
}
