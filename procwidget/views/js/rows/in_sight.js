/**
 * Which processes a view shows, for what is read of a few only (PSS): those with most memory among the ones that match
 * its search. The kernel is told seldom, for they change with every reading.
 */

/** @import { Filter } from "../search/query.js" */
/** @import { Row } from "../types.js" */

/** How many: the kernel reads no more. */
const MOST = 20;

/** Seconds for which they stand while the search is the same. */
const STANDS = 5;

/** The fields that are read of a few processes only. */
const OF_A_FEW = new Set(["pss"]);

export class InSight {
  constructor() {
    /** @type {string[]} */
    this.identities = [];
    this.since = -Infinity;
    this.text = "";
  }

  /**
   * The identities of those in sight; none where every process is, or where nobody has to know.
   * @param {Row[]} rows all of them
   * @param {Filter} filter
   * @param {{ keys: string[], text: string, time: number }} of the fields that are shown, the search, the reading's time
   */
  of(rows, filter, { keys, text, time }) {
    if (filter.all || !keys.some((key) => OF_A_FEW.has(key))) {
      this.text = "";
      return [];
    }
    if (text !== this.text || Math.abs(time - this.since) >= STANDS) {
      Object.assign(this, { text, since: time });
      const matching = rows.filter((row) => !row.ended && filter.matches(row));
      matching.sort((a, b) => (b.memory ?? 0) - (a.memory ?? 0));
      this.identities = matching.slice(0, MOST).map(({ identity }) => identity);
    }
    return this.identities;
  }
}
