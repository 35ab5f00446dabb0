/** Views of the table over one model, as anywidget makes them, with frames sent as the kernel does. */

import { place } from "./page.js";
import makeWidget from "../../procwidget/views/js/table.js";
import { FakeModel, frame, row, THRESHOLDS } from "./rows.js";

/**
 * @param {import("node:test").TestContext} context
 * @param {object} [options]
 */
export function table(context, options = {}) {
  const model = new FakeModel({
    options: { sort_by: "cpu", rows: 10, filter: "", actions: true, ...options },
    thresholds: THRESHOLDS,
  });
  const widget = makeWidget();
  const close = widget.initialize({ model });
  context.after(close);
  const dashboard = place();
  dashboard.className = "procwidget";
  const render = () => {
    const el = document.createElement("div");
    dashboard.append(el);
    const remove = widget.render({ model, el });
    // One that stays would keep its timers.
    context.after(remove);
    return { el, remove };
  };
  let seq = 0;
  /**
   * @param {import("../../procwidget/views/js/types.js").Row[]} rows
   * @param {object} [given]
   */
  const send = async (rows, given = {}) => {
    const [content, block] = frame({ seq: ++seq, whole: seq === 1, ...given }, rows);
    model.emit("msg:custom", content, [block]);
    await new Promise((drawn) => setTimeout(drawn, 5));
  };
  const watches = () => model.sent.filter(({ type }) => type === "watch").map(({ on }) => on);
  return { model, dashboard, render, send, watches };
}

/** @param {HTMLElement} el */
export const pids = (el) => [...el.querySelectorAll("[data-pid]")].map((line) => Number(line.getAttribute("data-pid")));

export const ROWS = [
  row({ key: 1, pid: 11, name: "python", cpu: 5, memory: 30 }),
  row({ key: 2, pid: 12, name: "bash", cpu: 80, memory: 10 }),
  row({ key: 3, pid: 13, name: "python", cpu: 5, memory: 20 }),
];
