/** Loads Voilà and the widgets of the page, step by step; what fails is tried again. For start.js and start_fleet.js. */

const EVERY = 100;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

/** Milliseconds that something may take from one step to the next before it is tried anew. */
const LONGEST_STEP = 30000;

export const sleep = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));

/** Do something until it does not fail, less and less often. */
export async function persistently(act, failed = () => {}) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      return await act();
    } catch (error) {
      console.warn("procwidget: trying again", error);
      failed();
      await sleep(wait);
    }
  }
}

/** Wait until `condition()` is something, and return that; throw after `LONGEST_STEP`. */
async function until(condition, what) {
  const began = performance.now();
  for (let found; ; await sleep(EVERY)) {
    if ((found = condition())) return found;
    if (performance.now() - began > LONGEST_STEP) throw new Error(`${what} did not come in time`);
  }
}

/** Load a script of the page's once. */
function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.onload = done;
    script.onerror = () => {
      script.remove();
      failed(new Error(`${address} could not be loaded`));
    };
    script.src = address;
    document.head.append(script);
  });
}

/** Load Voilà, which starts with the page's "load" event: that may be over when its script is there. */
export async function loadVoila() {
  const listen = window.addEventListener.bind(window);
  window.addEventListener = (type, callback, ...options) => {
    if (type === "load" && document.readyState === "complete") window.setTimeout(callback);
    else listen(type, callback, ...options);
  };
  for (const element of document.getElementById("procwidget-later").content.children) {
    if (element instanceof HTMLLinkElement) document.head.append(element.cloneNode());
    else await persistently(() => load(element.getAttribute("src")));
  }
}

export const widgetManager = () => until(() => window.jupyterapp?.widgetManager, "The widget manager");

/** The manager's model: if it did not come with all the others, they are asked for again. */
export async function modelOf(manager, name) {
  if (!manager.has_model(name)) {
    await until(() => manager.restoredStatus || manager.has_model(name), "The widgets");
    if (!manager.has_model(name)) await manager.restoreWidgets();
  }
  return manager.get_model(name);
}

/** Show a widget of the manager's at a place, in the stead of what is there. */
export async function attached(manager, name, place) {
  const view = await manager.create_view(await modelOf(manager, name));
  const widget = view.luminoWidget ?? view.pWidget;
  place.replaceChildren();
  // Lumino's own way to put a widget on a page; its class is not to be had otherwise.
  widget.constructor.attach(widget, place);
}
