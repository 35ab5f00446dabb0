/** Makes a page for tests that need one: the globals of a browser, with no layout and no network. */

import { Window } from "happy-dom";

const NAMES = [
  "document",
  "window",
  "Element",
  "HTMLElement",
  "Node",
  "CustomEvent",
  "Event",
  "KeyboardEvent",
  "MouseEvent",
  "MutationObserver",
];
const OBSERVERS = ["ResizeObserver", "IntersectionObserver"];

/** @type {any} */
const page = new Window({ url: "http://localhost/" });

/** @type {any[]} */
const observers = [];

class Observer {
  /** @param {(entries: any[]) => void} callback */
  constructor(callback) {
    this.callback = callback;
    this.on = true;
    observers.push(this);
  }

  observe() {}

  disconnect() {
    this.on = false;
  }
}

for (const name of NAMES) {
  Reflect.set(globalThis, name, name === "window" ? page : page[name]);
}
for (const name of OBSERVERS) {
  Reflect.set(
    globalThis,
    name,
    class extends Observer {
      kind = name;
    },
  );
}
Reflect.set(globalThis, "requestAnimationFrame", (/** @type {() => void} */ draw) => setTimeout(draw, 0));
Reflect.set(globalThis, "cancelAnimationFrame", clearTimeout);

/** Do what a browser does when what is observed comes onto the page and into sight. */
export function appear() {
  for (const kind of ["ResizeObserver", "IntersectionObserver"]) {
    observers.filter((one) => one.on && one.kind === kind).forEach((one) => one.callback([{ isIntersecting: true }]));
  }
}

/** Do what a browser does when what is observed is scrolled out of sight. */
export function disappear() {
  observers.filter((one) => one.on).forEach((one) => one.callback([{ isIntersecting: false }]));
}

/** An element on an otherwise empty page. */
export function place() {
  document.body.replaceChildren();
  const made = document.createElement("div");
  document.body.append(made);
  return made;
}
