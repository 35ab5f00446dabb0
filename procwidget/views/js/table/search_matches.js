/**
 * Marks in a cell's text what matches the search. Text only ever becomes text nodes: nothing of it is read as markup.
 */

import { fold } from "../search/comparison.js";
import { element } from "../ui/dom.js";

/**
 * Cut a text into pieces, alternately without and with a match: those at odd places match.
 * @param {string} text
 * @param {string[]} wanted folded, none of them empty
 * @returns {string[]}
 */
export function pieces(text, wanted) {
  const { folded, places } = foldedWithPlaces(text);
  /** @type {boolean[]} */
  const matched = [];
  for (const one of wanted) {
    for (let at = folded.indexOf(one); at >= 0; at = folded.indexOf(one, at + 1)) {
      for (let inside = at; inside < at + one.length; inside++) {
        matched[places?.[inside] ?? inside] = true;
      }
    }
  }
  /** @type {string[]} */
  const made = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at === text.length ? start < at : Boolean(matched[at]) !== (made.length % 2 === 1)) {
      made.push(text.slice(start, at));
      start = at;
    }
  }
  return made;
}

/**
 * @param {string} text
 * @returns {{ folded: string, places: number[] | null }} `places` says where in `text` each code unit of `folded` comes
 *   from, null when it is the same place
 */
function foldedWithPlaces(text) {
  const folded = fold(text);
  if (folded.length === text.length) {
    return { folded, places: null };
  }
  let result = "";
  /** @type {number[]} */
  const places = [];
  let place = 0;
  for (const letter of text) {
    const low = fold(letter);
    result += low;
    for (let inside = 0; inside < low.length; inside++) {
      places.push(place + Math.min(inside, letter.length - 1));
    }
    place += letter.length;
  }
  return { folded: result, places };
}

/**
 * Write a cell's text with its matches marked. Without a match the text is in the node itself, else in an element after
 * it.
 * @param {Text} node
 * @param {string} text
 * @param {string[] | undefined} wanted
 */
export function writeHighlighted(node, text, wanted) {
  const next = node.nextSibling;
  const marked = next instanceof Element && next.className === "pw-marked" ? next : null;
  const parts = wanted ? pieces(text, wanted) : [];
  if (parts.length < 2) {
    marked?.remove();
    node.data = text;
    return;
  }
  node.data = "";
  const home = marked ?? element("span", { class: "pw-marked" });
  home.replaceChildren(...parts.map((part, at) => (at % 2 ? element("mark", {}, part) : part)));
  if (!marked) {
    node.after(home);
  }
}
