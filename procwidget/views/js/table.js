/**
 * The process table's entry: one store and one link serve all views of a model on a page.
 */

import { Link } from "./connection/link.js";
import { select } from "./connection/protocol.js";
import { survive } from "./connection/slow_start.js";
import { hideStill } from "./connection/still.js";
import { KernelStorage } from "./layout/kernel_storage.js";
import { MyView } from "./layout/my_view.js";
import { firstChoices, keepChoices } from "./layout/saved_choices.js";
import { Selection } from "./rows/selection.js";
import { Store } from "./rows/store.js";
import { TableView } from "./table_view.js";

/** @import { Choices } from "./layout/saved_choices.js" */
/** @import { Model, Options } from "./types.js" */

/** For the served page, which hands its widgets over to the widget manager. */
export { takeAllMessages } from "./connection/slow_start.js";

export default () => {
  const store = new Store();
  /** @type {Link | null} */
  let link = null;
  /** @type {Choices | null} */
  let choices = null;
  const selection = new Selection();
  /** @type {MyView} */
  let myView;
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      void survive(model);
      const made = (link = new Link(model, store));
      const { my_view: kept } = /** @type {Options} */ (model.get("options"));
      myView = new MyView(kept ? new KernelStorage(kept, made) : undefined);
      store.follow(() => selection.dropEnded());
      selection.follow(() => made.send(select([...selection.rows.keys()])));
      const stopKeeping = keepChoices(() => choices);
      return () => {
        stopKeeping();
        made.close();
      };
    },
    /** @param {{ model: Model, el: HTMLElement }} context */
    render({ model, el }) {
      choices ??= firstChoices(model.get("options"), myView);
      const view = new TableView(model, el, store, /** @type {Link} */ (link), choices, selection, myView);
      view.draw();
      const stopHiding = hideStill(model.get("options").name, store);
      return () => {
        stopHiding();
        view.remove();
      };
    },
  };
};
