/**
 * What a search asks that nobody knows of a past moment: who had a port or a file, and fields that were not read then.
 * Pure.
 */

import { FIELDS } from "../fields.generated.js";
import { valueOf } from "./comparison.js";

/** @import { Row } from "../types.js" */
/** @import { Query } from "./query.js" */

/**
 * A sentence about it; "" where all is known.
 * @param {Pick<Query, "lookups" | "keys">} query
 * @param {Iterable<Row>} rows of the moment
 */
export function unknownThen({ lookups, keys }, rows) {
  const sentences = [];
  if (lookups.length > 0) {
    const kinds = [...new Set(lookups.map(({ kind }) => `${kind}:`))].join(" and ");
    sentences.push(`${kinds} can only be looked up now: who had it then is not known.`);
  }
  const all = [...rows];
  const unread = FIELDS.filter(
    ({ key, on_demand }) =>
      on_demand && keys.includes(key) && all.every((row) => /** @type {any} */ (valueOf(row, key) ?? null) === null),
  );
  if (unread.length > 0) {
    sentences.push(`Not read then: ${unread.map(({ label }) => label).join(", ")}.`);
  }
  return sentences.join(" ");
}
