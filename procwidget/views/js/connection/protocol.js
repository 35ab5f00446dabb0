/**
 * The messages between the widgets and the kernel, both ways: the only module that knows their keys. Functions build
 * what the browser sends; `parse` reads what the kernel sends, whose answers answers.js describes. docs/protocol.md is
 * the reference, and procwidget/views/table.py the other side.
 *
 * @typedef {[identity: string, ...values: (number | null)[]]} Info what seldom changes about a process, in the order of
 *   INFO in rows/row.js; its texts are places in the frame's `strings`
 *
 * @typedef {object} Frame the JSON half of a frame; `decode` in rows/frame.js reads the binary half
 * @property {"frame"} type
 * @property {number} seq one more than that of the frame before
 * @property {boolean} whole whether it has every process, not only what changed
 * @property {number} time Unix seconds
 * @property {number | null} interval seconds since the reading before
 * @property {number | null} memory_total bytes that a process could use
 * @property {number} [cpus] how many CPUs it could
 * @property {number} count rows of the binary half
 * @property {[name: string, type: string][]} columns of the binary half
 * @property {string[]} statuses that its column "status" has places in
 * @property {string[]} strings
 * @property {Info[]} info of the first rows of the binary half
 * @property {number[]} gone keys of processes that ended
 * @property {string[]} [texts] keys of the texts read on demand, whose places end each row of `info`
 * @property {[key: number, since: number][]} [since] Unix seconds since which processes do not get on: those that
 *   began to or count anew, in a whole frame all
 * @property {ReadingPart} [reading] what goes to the summary with it, as views/summary.py writes it
 * @property {ChartsPart} [charts] what goes to the charts with it, as views/charts.py writes it
 * @property {string[]} [telling] identities of the processes whose end will be told, when they are others than before
 * @property {Record<string, PanelContent>} [panels] of those that are open, by name: what changed, in a whole frame all
 * @property {string[]} [found] names of the optional panels that the host has something for
 *
 * @typedef {object} PanelContent what a panel shows, as views/panel_contents.py writes it
 * @property {{ label: string, text: string, level?: Level, hint?: string }[]} facts
 * @property {PanelTable[]} tables
 * @property {string[]} notes sentences
 *
 * @typedef {string | { text: string, level: Level }} PanelCell
 *
 * @typedef {object} PanelTable the first cell of each row names what the row is about
 * @property {string} caption
 * @property {{ label: string, number: boolean, hint?: string }[]} columns
 * @property {PanelCell[][]} rows
 * @property {(number | null)[][]} [values] what rows are sorted by, where they can be
 *
 * @typedef {object} ReadingPart
 * @property {string} model the summary's
 * @property {boolean} [whole] whether `values` is all of the reading, and not what changed of it
 * @property {Record<string, unknown>} values
 *
 * @typedef {object} ChartsPart by how far everything moves and what comes, or the layout of a buffer with everything
 * @property {number} [shift] slots
 * @property {(number | null)[]} [values] the newest of each line
 * @property {number} [slots]
 * @property {number} [window] seconds that all slots are
 * @property {[model: string, lines: number][]} [models]
 * @property {MarksPart} [marks] where events began, when these are others than before
 * @property {CellBand[]} [cells] when the cells of this kernel ran, the oldest first, when these are others than before
 * @property {ChartWords[]} [charts] in the order of the lines
 *
 * @typedef {[cell: number | null, began: number, ended: number | null, words: string]} CellBand in Unix seconds
 *
 * @typedef {[model: string, marks: [age: number, level: string][]][]} MarksPart of each chart; ages in seconds
 *
 * @typedef {object} ChartWords what a chart is of
 * @property {string} key such as "cpu"
 * @property {string} label
 * @property {"percent" | "rate" | "network_rate"} unit rates are bytes a second
 * @property {[label: string, lines: number][]} series
 *
 * @typedef {object} Arrangement
 * @property {[key: string, descending: boolean][]} sort
 * @property {string} filter
 * @property {string[]} columns
 * @property {boolean} kernel_threads whether threads of the kernel are shown
 *
 * @typedef {{ kind: string, about: string }} AlertName names one alert and no other
 *
 * @typedef {{ type: "watch", on: boolean } | { type: "fields", keys: string[], in_sight: string[] }
 *   | { type: "panels", names: string[] } | { type: "whole" } | { type: "ack", seq: number }
 *   | { type: "select", identities: string[] } | ({ type: "shows" } & Arrangement) | { type: "cancel", nonce: string }} Notice a message without an answer
 *
 * @typedef {{ type: "ask", identities: string[], signal: string }
 *   | { type: "confirm", nonce: string, signal: string, identities: string[] }
 *   | { type: "details", identity: string, expensive: boolean }
 *   | PastRequest
 *   | { type: "stack", identity: string }
 *   | { type: "reveal", identity: string }
 *   | { type: "opened", identity: string }
 *   | { type: "holders", lookups: { kind: string, value: string }[] }
 *   | { type: "tell", identity: string, on: boolean }
 *   | { type: "keep", chosen: object }} Request a message that gets an answer
 *
 * @typedef {{ type: "events" } | { type: "thresholds", values: Partial<Settings> }
 *   | (AlertName & { type: "expect", on: boolean, seconds: number | null })} HeadRequest the same, from the summary
 *
 * @typedef {{ type: "frame", frame: Frame } | { type: "answer", request: string, answer: any }
 *   | { type: "panels", panels: Record<string, PanelContent> }
 *   | { type: "go", when: string | number | null } | { type: "refused", text: string } | { type: "notice", text: string }} Received
 */

/** @import { Level } from "../types.js" */
/** @import { Question, Settings } from "./answers.js" */
/** @import { PastRequest } from "./past_messages.js" */

/**
 * Whether a view wants frames; the kernel sends none while no view does.
 * @param {boolean} on
 * @returns {Notice}
 */
export function watch(on) {
  return { type: "watch", on };
}

/**
 * Say which fields that are read on demand the views here show, sort by or search: no others are sent.
 * @param {string[]} keys
 * @param {string[]} inSight the identities of the largest processes that they show, none where they show all
 * @returns {Notice}
 */
export function wantFields(keys, inSight) {
  return { type: "fields", keys, in_sight: inSight };
}

/**
 * Say which panels the views here have open: no others are sent.
 * @param {string[]} names
 * @returns {Notice}
 */
export function openPanels(names) {
  return { type: "panels", names };
}

/**
 * Ask for a frame with every process, for one was missed.
 * @returns {Notice}
 */
export function requestWhole() {
  return { type: "whole" };
}

/**
 * The heartbeat of a view that watches.
 * @param {number} seq of the newest frame that was applied
 * @returns {Notice}
 */
export function acknowledge(seq) {
  return { type: "ack", seq };
}

/**
 * Say which processes are selected, for Python code in the notebook.
 * @param {string[]} identities
 * @returns {Notice}
 */
export function select(identities) {
  return { type: "select", identities };
}

/**
 * Say how a view is arranged, for Python code in the notebook.
 * @param {Arrangement} arrangement
 * @returns {Notice}
 */
export function shows(arrangement) {
  return { type: "shows", ...arrangement };
}

/**
 * Give a question up.
 * @param {Question} question
 * @returns {Notice}
 */
export function cancel({ nonce }) {
  return { type: "cancel", nonce };
}

/**
 * Ask for something to be done to processes; the answer is a question to confirm.
 * @param {string[]} identities
 * @param {string} signal such as "SIGTERM", or "renice N"
 * @returns {Request}
 */
export function ask(identities, signal) {
  return { type: "ask", identities, signal };
}

/**
 * Confirm a question, with what it was shown to be about, so that nothing else is confirmed.
 * @param {Question} question
 * @returns {Request}
 */
export function confirm({ nonce, signal, targets }) {
  return { type: "confirm", nonce, signal, identities: targets.map(({ identity }) => identity) };
}

/**
 * Ask for the details of a process.
 * @param {string} identity
 * @param {boolean} expensive whether to measure USS and PSS too
 * @returns {Request}
 */
export function details(identity, expensive) {
  return { type: "details", identity, expensive };
}

/**
 * Ask for a process's command line with the secrets in it.
 * @param {string} identity
 * @returns {Request}
 */
export function reveal(identity) {
  return { type: "reveal", identity };
}

/**
 * Ask where a Python process is just now, thread by thread.
 * @param {string} identity
 * @returns {Request}
 */
export function stack(identity) {
  return { type: "stack", identity };
}

/**
 * Ask for what a process has open.
 * @param {string} identity
 * @returns {Request}
 */
export function opened(identity) {
  return { type: "opened", identity };
}

/**
 * Ask which processes have ports or files open.
 * @param {{ kind: string, value: string }[]} lookups
 * @returns {Request}
 */
export function holders(lookups) {
  return { type: "holders", lookups };
}

/**
 * Have readings made this often. From the summary, whose messages name no view.
 * @param {number} seconds
 */
export function chooseInterval(seconds) {
  return { type: "interval", seconds };
}

/**
 * Have the end of a process told, or not.
 * @param {string} identity
 * @param {boolean} on
 * @returns {Request}
 */
export function tell(identity, on) {
  return { type: "tell", identity, on };
}

/**
 * Keep how the user arranged the table, for the next time.
 * @param {object} chosen
 * @returns {Request}
 */
export function keep(chosen) {
  return { type: "keep", chosen };
}

/**
 * Ask for the event log. From the summary, as all below.
 * @returns {HeadRequest}
 */
export function requestEvents() {
  return { type: "events" };
}

/**
 * Have other thresholds, for everybody who sees this dashboard.
 * @param {Partial<Settings>} values
 * @returns {HeadRequest}
 */
export function setThresholds(values) {
  return { type: "thresholds", values };
}

/**
 * Have an alert be no trouble, or be one again.
 * @param {AlertName} alert
 * @param {boolean} on
 * @param {number | null} seconds for how long, null for until it ends
 * @returns {HeadRequest}
 */
export function expect({ kind, about }, on, seconds) {
  return { type: "expect", kind, about, on, seconds };
}

/** Say that this page wants to show notifications, also while nobody sees it; good for three minutes. */
export function wantNotices() {
  return { type: "notify" };
}

/**
 * Read a message of the kernel.
 * @param {any} content
 * @returns {Received | null} null for what is none of ours
 */
export function parse(content) {
  switch (content?.type) {
    case "frame":
      return { type: "frame", frame: content };
    case "answer":
      return { type: "answer", request: content.request, answer: content };
    case "panels":
      return { type: "panels", panels: content.panels ?? {} };
    case "go":
      return { type: "go", when: content.when ?? null };
    case "refused":
      return { type: "refused", text: content.text };
    case "notice":
      return { type: "notice", text: String(content.text) };
    default:
      return null;
  }
}
