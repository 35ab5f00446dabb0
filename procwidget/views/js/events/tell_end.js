/**
 * "Tell when it ends", for one process: what its button in the details and its entry in a row's menu say and do. Which
 * processes that is asked for is the kernel's to know, and comes with frames.
 */

import { tell } from "../connection/protocol.js";
import { button, setAttribute } from "../ui/dom.js";

/** @import { Link } from "../connection/link.js" */
/** @import { Row } from "../types.js" */

/**
 * Ask for it, or take it back.
 * @param {Pick<Link, "request" | "telling">} link
 * @param {Row} row
 * @param {(sentence: string) => void} said gets what became of it
 */
export function toggleTell(link, row, said) {
  const on = !link.telling.has(row.identity);
  link.request(tell(row.identity, on), (answer) => {
    if (answer.result === "refused") {
      said(answer.refusals.join(" "));
    } else if (answer.result === "told") {
      said(answer.on ? `You are told when ${row.name} (${row.pid}) ends.` : "");
    }
  });
}

/**
 * The entry for a row's menu.
 * @param {Pick<Link, "request" | "telling">} link
 * @param {Row} row
 * @param {(sentence: string) => void} said
 * @returns {{ label: string, act: () => void }}
 */
export function tellMenuItem(link, row, said) {
  const on = link.telling.has(row.identity);
  return { label: on ? "Do not tell when it ends" : "Tell when it ends", act: () => toggleTell(link, row, said) };
}

export class TellButton {
  /**
   * @param {Pick<Link, "request" | "telling">} link
   * @param {() => Row | null} row
   * @param {(sentence: string) => void} said
   */
  constructor(link, row, said) {
    this.link = link;
    this.element = button("Tell when it ends", () => {
      const now = row();
      if (now) {
        toggleTell(link, now, said);
      }
    });
  }

  /** @param {Row} row that the details are of */
  show(row) {
    setAttribute(this.element, "aria-label", `Tell when it ends: ${row.name} (${row.pid})`);
    setAttribute(this.element, "aria-pressed", String(this.link.telling?.has(row.identity) ?? false));
    this.element.disabled = row.ended;
  }
}
