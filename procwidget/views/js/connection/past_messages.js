/**
 * The messages about the past: what a view asks, and what the kernel answers (views/past.py). They go as any request of
 * protocol.js.
 *
 * @typedef {object} MomentAnswer the answer to `moment`: the table and the summary as they were; Unix seconds
 * @property {"moment"} result
 * @property {number} time of the reading
 * @property {number} first reading there is
 * @property {number} last reading there is
 * @property {number | null} [next] reading after it
 * @property {string | null} [note] a sentence, where nothing was read at the moment that was asked for
 * @property {string} [host] its name
 * @property {Frame} frame a whole one, whose keys are its own; its block comes with the answer
 * @property {Record<string, unknown>} reading as views/summary.py writes it
 * @property {Record<string, PanelContent>} [panels] of those that were asked for, by name
 * @property {string[]} ended identities of those in it that have ended since
 * @property {Record<string, string>} [why] they ended, where that is known
 *
 * @typedef {{ result: "charts", until: number, charts: ChartsPart }} PastChartsAnswer the answer to `past_charts`, whose
 *   points come with it
 *
 * @typedef {object} OverviewAnswer the answer to `overview`: all there is, or a day of it, stretch by stretch
 * @property {"overview"} result
 * @property {number} first reading there is, Unix seconds
 * @property {number} last
 * @property {number} from where the first stretch begins
 * @property {number} to
 * @property {number} width of a stretch in seconds
 * @property {number[]} there 1 for a stretch with a reading, 0 for one without
 * @property {(number | null)[]} cpu the highest percentage in each stretch
 * @property {(number | null)[]} memory
 * @property {[time: number, level: Level, text: string][]} marks events
 *
 * @typedef {object} PastDetailsAnswer the answer to `past_details`
 * @property {"past_details"} result
 * @property {ProcessDetails["history"]} history up to the moment
 * @property {number | null} ended Unix seconds, null where it did not, or that is not known
 * @property {string | null} why
 *
 * @typedef {object} DifferenceRow how one process differs
 * @property {number} pid
 * @property {string} name
 * @property {string | null} user
 * @property {string} identity
 * @property {"born" | "gone" | "busier" | "calmer" | "grown" | "shrunk" | "same"} what
 * @property {number | null} cpu_change cores
 * @property {number | null} memory_change MiB
 *
 * @typedef {[from: number, to: number]} Span
 *
 * @typedef {object} ComparisonAnswer the answer to `compare`; a moment is a span of a second
 * @property {"comparison"} result
 * @property {Span} before
 * @property {Span} after
 * @property {DifferenceRow[]} processes those that differ, the largest differences first
 * @property {number} left_out
 *
 * @typedef {object} IntervalRow what one process did between two moments; unknown is null
 * @property {number} pid
 * @property {string} name
 * @property {string | null} user
 * @property {string | null} command masked
 * @property {string} identity
 * @property {number | null} cpu_seconds
 * @property {number | null} memory MiB
 * @property {number | null} memory_change MiB
 * @property {number | null} read bytes
 * @property {number | null} written bytes
 * @property {number | null} began Unix seconds
 * @property {number | null} ended Unix seconds
 * @property {string | null} why it ended
 *
 * @typedef {{ result: "interval", from: number, to: number, processes: IntervalRow[], left_out: number }} IntervalAnswer
 *   the answer to `interval_of`
 *
 * @typedef {MomentAnswer | IntervalAnswer | PastChartsAnswer | OverviewAnswer | PastDetailsAnswer | ComparisonAnswer} PastAnswer
 *
 * @typedef {{ type: "moment", when: string | number, step: number, panels: string[] }
 *   | { type: "past_charts", until: number } | { type: "overview", around: number }
 *   | { type: "compare", before: number | Span, after: number | Span }
 *   | { type: "past_details", identity: string, when: number }
 *   | { type: "interval_of", from: string | number, to: string | number }} PastRequest
 */

/** @import { Level } from "../types.js" */
/** @import { ProcessDetails } from "./answers.js" */
/** @import { ChartsPart, Frame, PanelContent } from "./protocol.js" */

/**
 * Ask for the table and the summary of a past moment.
 * @param {string | number} when Unix seconds, or a text such as "10:32" or "5m"
 * @param {number} step how many readings before (-1) or after (1) that
 * @param {string[]} [panels] names of those that are open
 * @returns {PastRequest}
 */
export function momentOf(when, step, panels = []) {
  return { type: "moment", when, step, panels };
}

/**
 * Ask what each process did between two moments.
 * @param {string | number} from
 * @param {string | number} to
 * @returns {PastRequest}
 */
export function intervalOf(from, to) {
  return { type: "interval_of", from, to };
}

/**
 * Ask what differs between two moments, or two intervals.
 * @param {number | Span} before
 * @param {number | Span} after
 * @returns {PastRequest}
 */
export function compare(before, after) {
  return { type: "compare", before, after };
}

/**
 * Ask for the charts as they were.
 * @param {number} until Unix seconds at their right edge
 * @returns {PastRequest}
 */
export function pastCharts(until) {
  return { type: "past_charts", until };
}

/**
 * Ask for the shape of all that was recorded, or of a day of it.
 * @param {number} around a moment of that day
 * @returns {PastRequest}
 */
export function overview(around) {
  return { type: "overview", around };
}

/**
 * Ask what is known of a process up to a past moment.
 * @param {string} identity
 * @param {number} when
 * @returns {PastRequest}
 */
export function pastDetails(identity, when) {
  return { type: "past_details", identity, when };
}
