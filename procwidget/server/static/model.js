/**
 * A widget's model before Jupyter's widget manager has one: state and messages enter from the page's own wire, and
 * leave to the view as from anywidget. Once the manager has the real one, everything goes through that, and the view
 * notices nothing.
 */

export class PageModel {
  /**
   * @param {string} name the model's, and of its comm
   * @param {Record<string, any>} state as the page brought it
   * @param {import("./wire.js").Wire} wire
   */
  constructor(name, state, wire) {
    this.name = name;
    this.state = state;
    this.wire = wire;
    this.real = null;
    /** @type {Map<string, Set<Function>>} */
    this.listeners = new Map();
  }

  get widget_manager() {
    return this.real?.widget_manager;
  }

  get(key) {
    return this.real ? this.real.get(key) : this.state[key];
  }

  on(name, callback) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(callback);
    this.real?.on(name, callback);
  }

  off(name, callback) {
    if (callback) this.listeners.get(name)?.delete(callback);
    else this.listeners.delete(name);
    this.real?.off(name, callback);
  }

  send(content) {
    if (this.real) this.real.send(content);
    else this.wire.send(this.name, { method: "custom", content });
  }

  /** Ask for the state as it is now. */
  ask() {
    this.wire.send(this.name, { method: "request_state" });
  }

  /** Take what the kernel says over the wire. */
  hear(data, buffers) {
    if (this.real) return;
    if (data.method === "custom") {
      this.#tell("msg:custom", data.content, buffers);
    } else if (data.method === "update" || data.method === "echo_update") {
      for (const [key, value] of Object.entries(data.state)) {
        if (key in this.state) {
          this.state[key] = value;
          this.#tell(`change:${key}`);
        }
      }
    }
  }

  /** Go on with the manager's model. */
  adopt(real) {
    this.real = real;
    for (const [name, callbacks] of this.listeners) callbacks.forEach((callback) => real.on(name, callback));
    for (const key of Object.keys(this.state)) this.#tell(`change:${key}`);
  }

  #tell(name, ...what) {
    for (const callback of [...(this.listeners.get(name) ?? [])]) callback(...what);
  }
}
