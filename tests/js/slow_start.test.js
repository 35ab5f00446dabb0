/** A script that came after anywidget had given its model up: what the kernel sends reaches it all the same. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { survive, takeAllMessages } from "../../procwidget/views/js/connection/slow_start.js";
import { FakeModel } from "./rows.js";

class WidgetModel {
  constructor() {
    /** @type {object[]} */
    this.heard = [];
    this.comm = {
      /** @type {(message: object) => unknown} */
      pass: (message) => this._handle_comm_msg(message),
      /** @param {(message: object) => unknown} then */
      on_msg: (then) => {
        this.comm.pass = then;
      },
    };
  }
  get() {}
  /** @param {object} message */
  async _handle_comm_msg(message) {
    this.heard.push(message);
  }
}

class GivenUp extends WidgetModel {
  async _handle_comm_msg() {
    throw new Error("[anywidget] Failed to initialize model.");
  }
}

test("a model that was given up takes messages again", async () => {
  const real = new GivenUp();
  await assert.rejects(async () => real.comm.pass({ lost: true }));
  const model = new FakeModel();
  model.state["own_id"] = "one";
  Object.assign(model, {
    widget_manager: { get_model: async (/** @type {string} */ name) => (name === "one" ? real : undefined) },
  });
  await survive(/** @type {any} */ (model));
  await real.comm.pass({ taken: true });
  assert.deepEqual(real.heard, [{ taken: true }]);
});

test("a model that is no one of anywidget's is left as it is", async () => {
  const real = new WidgetModel();
  const before = real.comm.pass;
  takeAllMessages(real);
  assert.equal(real.comm.pass, before);
});

test("a front end with no widget manager, or that has no such model, is no failure", async () => {
  const model = new FakeModel();
  await survive(/** @type {any} */ (model));
  Object.assign(model, { widget_manager: { get_model: () => Promise.reject(new Error("model not found")) } });
  await survive(/** @type {any} */ (model));
});
