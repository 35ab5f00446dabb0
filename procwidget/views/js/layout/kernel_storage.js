/**
 * Keeps a user's view with the kernel, in a file of that user, as a browser's storage would: in a notebook it is there in
 * the next browser too. What there is came with the options.
 */

import { keep } from "../connection/protocol.js";

/** @import { Link } from "../connection/link.js" */

export class KernelStorage {
  /**
   * @param {object} view what was kept
   * @param {Link} link
   */
  constructor(view, link) {
    this.text = JSON.stringify(view);
    this.link = link;
  }

  getItem() {
    return this.text;
  }

  /**
   * @param {string} _key
   * @param {string} text
   */
  setItem(_key, text) {
    this.text = text;
    // Where it cannot be kept, the view is as it was chosen all the same.
    this.link.request(keep(JSON.parse(text)), () => {});
  }

  /** @param {string} key */
  removeItem(key) {
    this.setItem(key, "{}");
  }
}
