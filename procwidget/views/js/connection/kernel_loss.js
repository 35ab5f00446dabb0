/**
 * Notices that the kernel was restarted or has ended, and makes the sentence that the user reads then. A restarted
 * kernel no longer has this page's widgets and ignores messages to them, so a page that hears nothing has to ask
 * whether its widget still exists.
 */

import { setAttribute } from "../ui/dom.js";

/** @import { Model } from "../types.js" */

/**
 * Milliseconds after which JupyterLab has closed its subshells, also on a slow machine; until then messages go to the
 * kernel's main shell.
 */
const LETTING_GO = 2000;

/**
 * Ask a silent kernel whether it still has the widget; a busy one answers when it is done.
 * @param {Model} model
 * @returns {Promise<string | null>} null when it has the widget, and where it cannot be asked
 */
export async function findLoss(model) {
  const widgets = model.widget_manager;
  const name = model.get("own_id");
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
 * The sentence that says what to do. A page has no cells to run, and the page that procwidget serves says above the
 * dashboard what happened and reloads by itself.
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
 * Have the page reopen the subshells through which it reaches widgets. JupyterLab does not notice that somebody else
 * restarted the kernel and keeps sending to subshells that no longer exist, so that new widgets would not get its
 * messages either.
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
 * Call `then` when the page itself gives the widget up, as JupyterLab does when it restarts the kernel.
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
 * Mark a dashboard as lost by its kernel; its other parts and the style sheet read the mark.
 * @param {HTMLElement} dashboard
 * @param {string | null} why
 */
export function markLost(dashboard, why) {
  setAttribute(dashboard, "data-lost", why);
}

/**
 * Why a dashboard is marked as lost, null when it is not.
 * @param {HTMLElement} dashboard
 */
export function lossOf(dashboard) {
  return dashboard.dataset["lost"] ?? null;
}
