/**
 * Whether the kernel still has a widget: its model enters, a sentence leaves when it is known that it has not. A kernel
 * that was restarted by somebody else drops what is sent to a widget of its former life, and says nothing about it.
 */

import { setAttribute } from "../ui/dom.js";

/** @import { Model } from "../types.js" */

/** Milliseconds in which JupyterLab lets go of a subshell. */
const LETTING_GO = 100;

/**
 * Ask a silent kernel; it answers when it next listens.
 * @param {Model} model
 * @returns {Promise<string | null>} null when it has the widget, and where it cannot be asked
 */
export async function findLoss(model) {
  const widgets = model.widget_manager;
  // A widget's own name is not to be had here; its layout is another one, made and closed with it.
  const { model_id: name } = model.get("layout") ?? {};
  if (!name || !widgets?._get_comm_info) {
    return null;
  }
  try {
    const known = name in (await widgets._get_comm_info());
    renewSubshells(widgets.kernel);
    return known ? null : sentenceFor("was restarted");
  } catch {
    return sentenceFor("has ended");
  }
}

/**
 * A page has no cells, and the one that procwidget serves says above the dashboard what happened, and helps itself.
 * @param {string} what happened to the kernel
 */
function sentenceFor(what) {
  if (document.querySelector(".procwidget-visit")) {
    return "Nothing comes from the kernel: these figures stand still.";
  }
  const remedy = document.body.dataset["voila"] ? "load the page" : "run the cell";
  return `The kernel ${what}: ${remedy} again for live figures.`;
}

/**
 * Have the page open the subshells anew through which it reaches widgets. JupyterLab does not notice that somebody else
 * restarted the kernel, and goes on sending to those of its former life, so that new widgets are not reached either.
 * @param {NonNullable<Model["widget_manager"]>["kernel"]} kernel
 */
function renewSubshells(kernel) {
  const usual = kernel?.commsOverSubshells;
  if (kernel && usual && usual !== "disabled") {
    kernel.commsOverSubshells = "disabled";
    setTimeout(() => {
      kernel.commsOverSubshells = usual;
    }, LETTING_GO);
  }
}

/**
 * Be told when the page itself gives the widget up, as JupyterLab does when it restarts the kernel.
 * @param {Model} model
 * @param {(why: string) => void} then
 * @returns {() => void} stops that
 */
export function followLoss(model, then) {
  const changed = () => then(sentenceFor("was restarted"));
  model.on("comm_live_update", changed);
  return () => model.off("comm_live_update", changed);
}

/**
 * Note at a dashboard that its kernel has lost it, for its other parts and its looks.
 * @param {HTMLElement} dashboard
 * @param {string | null} why
 */
export function markLost(dashboard, why) {
  setAttribute(dashboard, "data-lost", why);
}

/**
 * Why a dashboard's kernel has lost it, null when it has not.
 * @param {HTMLElement} dashboard
 */
export function lossOf(dashboard) {
  return dashboard.dataset["lost"] ?? null;
}
