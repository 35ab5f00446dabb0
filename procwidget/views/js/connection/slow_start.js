/**
 * Keeps a widget alive whose script came late. anywidget gives up on a model whose script is not there after 2 s, as on
 * a busy machine: the script still runs and its view is shown, but of what the kernel sends nothing is passed on any
 * more. So the model is made to take its messages as every other widget's model does, without anywidget.
 */

/** @import { JupyterModel, Model } from "../types.js" */

/**
 * Have a model take all that its kernel sends from now on. What came before may be lost.
 * @param {JupyterModel} real as the widget manager has it
 * @param {(message: object, take: () => void) => void} [hear] called with each message; has the model take it
 */
export function takeAllMessages(real, hear = (_message, take) => take()) {
  const ofAnywidget = Object.getPrototypeOf(real);
  const ofAllWidgets = Object.getPrototypeOf(ofAnywidget);
  // Front ends that run anywidget's scripts by other means have no such model, and need none of this.
  if (Object.hasOwn(ofAnywidget, "_handle_comm_msg") && ofAllWidgets._handle_comm_msg) {
    real.comm?.on_msg?.((message) => hear(message, () => ofAllWidgets._handle_comm_msg.call(real, message)));
  }
}

/**
 * Do that for the model that anywidget gives a script.
 * @param {Model} model
 */
export async function survive(model) {
  try {
    const real = await model.widget_manager?.get_model?.(model.get("own_id"));
    if (real) takeAllMessages(real);
  } catch {
    // A front end with models of its own, or a page without a kernel.
  }
}
