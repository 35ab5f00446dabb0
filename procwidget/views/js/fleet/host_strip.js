/**
 * All hosts at a glance: a cell each, at its place by name, whatever its state. How dark a cell is says its CPU; a state
 * that is worth a look has a colour and a shape of its own, and who is silent is hatched, never just calm.
 */

import { element, setAttribute } from "../ui/dom.js";
import { BY_NAME, hintOf, STATES } from "./rows.js";

/** @import { Host } from "./rows.js" */

const SHADES = 5;

export class HostStrip {
  /** @param {(host: string) => void} open called with the host that is chosen */
  constructor(open) {
    this.element = element("div", { class: "pw-hosts-strip", role: "img", "aria-label": "All hosts" });
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    this.element.addEventListener("click", ({ target }) => {
      const host = target instanceof HTMLElement ? target.dataset["host"] : undefined;
      if (host) {
        open(host);
      }
    });
    // A tooltip for each of a thousand cells is made when somebody asks for it.
    this.element.addEventListener("pointerover", ({ target }) => {
      const host = target instanceof HTMLElement && this.hosts?.get(target.dataset["host"] ?? "");
      if (host && target instanceof HTMLElement) {
        target.title = hintOf(host);
      }
    });
  }

  /**
   * @param {Host[]} hosts
   * @param {string} open the host that is open
   */
  show(hosts, open) {
    this.hosts = new Map(hosts.map((host) => [host.host, host]));
    // Where the hosts are those of before, so are their places: to sort a thousand names takes longer than all else.
    if (this.hosts.size !== this.cells.size || hosts.some(({ host }) => !this.cells.has(host))) {
      const names = [...this.hosts.keys()].sort(BY_NAME.compare);
      this.cells = new Map(names.map((name) => [name, element("span", { "data-host": name })]));
      this.element.replaceChildren(...this.cells.values());
      setAttribute(this.element, "data-many", names.length > 200 ? "true" : null);
    }
    for (const host of hosts) {
      const cell = /** @type {HTMLElement} */ (this.cells.get(host.host));
      setAttribute(cell, "data-state", host.state);
      setAttribute(cell, "data-shade", String(Math.min(SHADES - 1, Math.floor(((host.cpu ?? 0) / 100) * SHADES))));
      setAttribute(cell, "data-open", host.host === open ? "true" : null);
    }
    const counts = Object.entries(STATES).flatMap(([state, word]) => {
      const many = hosts.filter((host) => host.state === state).length;
      return many ? [`${many} ${word.toLowerCase()}`] : [];
    });
    setAttribute(
      this.element,
      "aria-label",
      `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}: ${counts.join(", ")}`,
    );
  }
}
