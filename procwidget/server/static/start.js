/**
 * Starts the page: sentence, meters and table are shown as soon as their script and the first figures are there. Voilà,
 * its widget manager and the charts' library, megabytes, come after that; what of them fails is tried again.
 */

import { HandOver } from "./hand_over.js";
import { attached, loadVoila, modelOf, persistently, sleep, widgetManager } from "./load.js";
import { PageManager, PageModel } from "./model.js";
import { PageSocket } from "./websocket.js";

/** Milliseconds after which the charts are loaded also if no figure came by then. */
const FIGURES_FIRST = 3000;

const EVERY = 50;

/** How often the charts are tried before only a reload is left. */
const MOST_FAILURES = 4;

const parts = JSON.parse(document.getElementById("procwidget-parts").textContent);
const dashboard = document.querySelector("#procwidget-page > .procwidget");
const [summaryPlace, chartsPlace, tablePlace] = dashboard.children;
const waiting = chartsPlace.querySelector("[role=status]");

const hasFigures = () => tablePlace.querySelector("[data-pid]") !== null;

/** @type {Record<string, PageModel>} */
const models = {};
const pageManager = new PageManager();
const handOver = new HandOver();

const socket = new PageSocket({
  heard: (id, comm, data, buffers) => {
    if (!handOver.overPage(id)) return;
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

/** Show the charts, and go on over the manager's connection. */
async function showCharts() {
  const manager = await widgetManager();
  await attached(manager, parts.charts.id, chartsPlace);
  return manager;
}

/** Have the manager's models take the place of the page's own. */
async function goOn(manager) {
  const own = Object.values(models);
  const real = await Promise.all(own.map((model) => modelOf(manager, model.name)));
  const { takeAllMessages } = await import(parts.table.script);
  const happened = handOver.happen(() => {
    own.forEach((model, place) => model.adopt(real[place]));
    for (const { comm, data } of socket.close()) real.find(({ model_id }) => model_id === comm)?.comm.send(data);
  });
  for (const model of real) {
    takeAllMessages(model, (message, take) => handOver.overManager(message.header.msg_id, take));
    // What it answers comes over both.
    model.comm.send({ method: "request_state" });
  }
  await happened;
}

await Promise.all([show("summary", summaryPlace), show("table", tablePlace)]);
const began = performance.now();
while (!hasFigures() && performance.now() - began < FIGURES_FIRST) await sleep(EVERY);
await loadVoila();
await persistently(
  async () => goOn(await showCharts()),
  () => {
    failures += 1;
    waiting.textContent = "The charts could not be loaded yet. Trying again.";
  },
);
failures = 0;
