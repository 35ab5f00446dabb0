/**
 * Starts the page: sentence, meters and table are shown as soon as their script and the first figures are there. Voilà,
 * its widget manager and the charts' library, megabytes, come after that; what of them fails is tried again.
 */

import { PageManager, PageModel } from "./model.js";
import { PageSocket } from "./websocket.js";

/** Milliseconds after which the charts are loaded also if no figure came by then. */
const FIGURES_FIRST = 3000;

const EVERY = 100;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

/** How often the charts are tried before only a reload is left. */
const MOST_FAILURES = 4;

/** Milliseconds that the charts may take from one step to the next before they are tried anew. */
const LONGEST_STEP = 30000;

const parts = JSON.parse(document.getElementById("procwidget-parts").textContent);
const dashboard = document.querySelector("#procwidget-page > .procwidget");
const [summaryPlace, chartsPlace, tablePlace] = dashboard.children;
const waiting = chartsPlace.querySelector("[role=status]");

const sleep = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));

const hasFigures = () => tablePlace.querySelector("[data-pid]") !== null;

/** @type {Record<string, PageModel>} */
const models = {};
const pageManager = new PageManager();

const socket = new PageSocket({
  heard: (comm, data, buffers) => {
    for (const model of Object.values(models)) if (model.name === comm) model.hear(data, buffers);
  },
  opened: (again) => {
    models.summary.ask();
    // The table's view announces itself again, as after any other interruption.
    if (again) window.dispatchEvent(new Event("online"));
  },
});
for (const part of ["summary", "table"])
  models[part] = new PageModel(parts[part].id, parts[part].state, socket, pageManager);

/** What visit_status.js asks: how the WebSocket is, and whether something is missing that only a reload can bring. */
let failures = 0;
window.procwidgetLine = {
  get isOpen() {
    return socket.isOpen || socket.closed;
  },
  get failed() {
    return socket.failed;
  },
  get stuck() {
    return failures >= MOST_FAILURES;
  },
};

/** Show a part with the script that a notebook would have got as text. */
async function show(part, place) {
  const { default: made } = await persistently(() => import(parts[part].script));
  const widget = typeof made === "function" ? await made() : made;
  await widget.initialize?.({ model: models[part] });
  await widget.render({ model: models[part], el: place });
}

/** Do something until it does not fail, less and less often. */
async function persistently(act, failed = () => {}) {
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
async function loadVoila() {
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

/** The manager's model: if it did not come with all the others, they are asked for again. */
async function modelOf(manager, name) {
  if (!manager.has_model(name)) {
    await until(() => manager.restoredStatus || manager.has_model(name), "The widgets");
    if (!manager.has_model(name)) await manager.restoreWidgets();
  }
  return manager.get_model(name);
}

/** Show the charts, and go on over the manager's connection. */
async function showCharts() {
  const manager = await until(() => window.jupyterapp?.widgetManager, "The widget manager");
  const model = await modelOf(manager, parts.charts.id);
  const view = await manager.create_view(model);
  const widget = view.luminoWidget ?? view.pWidget;
  chartsPlace.replaceChildren();
  // Lumino's own way to put a widget on a page; its class is not to be had otherwise.
  widget.constructor.attach(widget, chartsPlace);
  return manager;
}

async function handOver(manager) {
  const real = await Promise.all(Object.values(models).map((model) => modelOf(manager, model.name)));
  Object.values(models).forEach((model, place) => model.adopt(real[place]));
  socket.close();
}

await Promise.all([show("summary", summaryPlace), show("table", tablePlace)]);
const began = performance.now();
while (!hasFigures() && performance.now() - began < FIGURES_FIRST) await sleep(EVERY / 2);
await loadVoila();
await persistently(
  async () => handOver(await showCharts()),
  () => {
    failures += 1;
    waiting.textContent = "The charts could not be loaded yet. Trying again.";
  },
);
failures = 0;
