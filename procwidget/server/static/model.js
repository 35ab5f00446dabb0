/** What the models know one another by: the page's own, and all others once Jupyter's widget manager is there. */
export class PageManager {
  constructor() {
    /** @type {Map<string, PageModel>} */
    this.own = new Map();
    /** @type {any} */
    this.real = null;
  }

  async get_model(name) {
    const own = this.own.get(name);
    if (own) return own;
    if (!this.real?.has_model(name)) throw new Error("This widget is not loaded yet");
    return this.real.get_model(name);
  }

  get kernel() {
    return this.real?.kernel;
  }

  get _get_comm_info() {
    return this.real?._get_comm_info?.bind(this.real);
  }
}

/**
 * Serves a view as its widget's model until Jupyter's widget manager has the real one. State and messages come from the
 * page's own WebSocket, and the view gets them as from anywidget. Later everything goes through the real model, and the
 * view notices nothing.
 */

export class PageModel {
  /**
   * @param {string} name the model's, and of its comm
   * @param {Record<string, any>} state as the page brought it
   * @param {import("./websocket.js").PageSocket} socket
   * @param {PageManager} manager
   */
  constructor(name, state, socket, manager) {
    this.name = name;
    this.state = state;
    this.socket = socket;
    this.widget_manager = manager;
    manager.own.set(name, this);
    this.real = null;
    /** @type {Map<string, Set<Function>>} */
    this.listeners = new Map();
  }

  get(key) {
    return this.real ? this.real.get(key) : this.state[key];
  }

  /** Take values that came in a frame. */
  set_state(state) {
    if (this.real) return this.real.set_state(state);
    Object.assign(this.state, state);
    for (const key of Object.keys(state)) this.#tell(`change:${key}`);
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
    else this.socket.send(this.name, { method: "custom", content });
  }

  /** Ask for the state as it is now. */
  ask() {
    this.socket.send(this.name, { method: "request_state" });
  }

  /** Take what the kernel sends over the WebSocket. */
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

  /** Go on with the manager's model, which may have missed what came while it was loaded. */
  adopt(real) {
    real.set_state(this.state);
    this.real = real;
    this.widget_manager.real = real.widget_manager;
    for (const [name, callbacks] of this.listeners) callbacks.forEach((callback) => real.on(name, callback));
    for (const key of Object.keys(this.state)) this.#tell(`change:${key}`);
  }

  #tell(name, ...what) {
    for (const callback of [...(this.listeners.get(name) ?? [])]) callback(...what);
  }
}
