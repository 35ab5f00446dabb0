/** The button "Export" with what can be made of the rows that are shown: copied, or saved as a file of this browser's. */

import { asCsv, asJson, asText, fileName } from "../table/export.js";
import { copyText } from "../ui/clipboard.js";
import { element } from "../ui/dom.js";
import { clock } from "../ui/format.js";
import { Menu } from "../ui/menu.js";

/** @import { Shown } from "../table/export.js" */

/** @type {[ending: string, type: string, make: (shown: Shown) => string][]} */
const FORMATS = [
  ["csv", "text/csv", asCsv],
  ["json", "application/json", asJson],
  ["txt", "text/plain", asText],
];

export class ExportMenu {
  /**
   * @param {() => Shown | null} shown
   * @param {(text: string) => void} tell
   */
  constructor(shown, tell) {
    const menu = new Menu("Export", [
      { label: "Copy as text", act: () => void this.#copy(shown(), tell) },
      ...FORMATS.map(([ending, type, make]) => ({
        label: `Save as ${ending === "txt" ? "text" : ending.toUpperCase()}`,
        act: () => {
          const rows = shown();
          if (rows) {
            tell(`Saved ${save(make(rows), type, ending, rows.scene.time)}.`);
          }
        },
      })),
    ]);
    this.element = menu.element;
  }

  /**
   * @param {Shown | null} shown
   * @param {(text: string) => void} tell
   */
  async #copy(shown, tell) {
    if (shown) {
      const { past } = shown.scene;
      const copied = past ? `Copied what is shown, as it was at ${clock(past.time)}.` : "Copied what is shown.";
      tell((await copyText(asText(shown))) ? copied : "This browser did not let it be copied.");
    }
  }
}

/**
 * Have the browser save a text, under the time of its figures.
 * @param {string} text
 * @param {string} type
 * @param {string} ending
 * @param {number} time Unix seconds
 * @returns {string} the file's name
 */
function save(text, type, ending, time) {
  const name = fileName(time, ending);
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return name;
}
