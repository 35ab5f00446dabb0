/**
 * Follows what Python sets on a dashboard while it is shown (`dashboard.filter = …`), and has the view take it over. What
 * the user chose meanwhile stays, but for what Python set.
 */

/** @import { Model, Options } from "../types.js" */

/**
 * @typedef {object} Takers each takes over one option
 * @property {(text: string) => void} filter
 * @property {(key: string) => void} sort_by
 * @property {(keys: string[] | null) => void} columns
 * @property {(on: boolean) => void} paused
 */

/**
 * @param {Model} model
 * @param {Takers} takers
 * @returns {() => void} stops that
 */
export function followPython(model, takers) {
  const chosen = () => /** @type {Options} */ (model.get("options")).chosen ?? {};
  let known = chosen();
  const take = () => {
    const options = /** @type {Options} */ (model.get("options"));
    const now = chosen();
    const before = known;
    known = now;
    const isNew = (/** @type {string} */ name) => now[name] !== before[name];
    if (isNew("columns")) {
      takers.columns(options.columns ?? null);
    }
    if (isNew("sort_by")) {
      takers.sort_by(options.sort_by);
    }
    if (isNew("filter")) {
      takers.filter(options.filter);
    }
    if (isNew("paused")) {
      takers.paused(options.paused ?? false);
    }
  };
  model.on("change:options", take);
  return () => model.off("change:options", take);
}
