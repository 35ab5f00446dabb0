/**
 * The messages between the widgets and the kernel, both ways: the only module that knows their keys. Functions build
 * what the browser sends; `parse` reads what the kernel sends. docs/protocol.md is the reference, and
 * procwidget/views/table.py the other side.
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
 * @property {number | null} memory_total bytes
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
 * @property {[model: string, lines: number][]} [models]
 *
 * @typedef {{ pid: number, name: string, identity: string }} Target a process that is signalled or may be
 *
 * @typedef {object} Question the answer to `ask`: nothing is sent before it is confirmed
 * @property {"question"} result
 * @property {string} nonce
 * @property {number} expires seconds
 * @property {number} patience seconds for which the kernel waits at most for processes to end before it answers
 * @property {string} signal
 * @property {Target[]} targets
 * @property {string[]} refusals a sentence for each process that was left out
 *
 * @typedef {object} Outcome the answer to `confirm`
 * @property {"outcome"} result
 * @property {(Target & { result: string, text: string })[]} outcomes
 * @property {Question | null} question whether to force kill those that are still there
 *
 * @typedef {object} Refusal the answer to any request that was not fulfilled
 * @property {"refused"} result
 * @property {string[]} refusals sentences
 * @property {boolean} [unknown] whether what was asked for may have been done all the same
 *
 * @typedef {{ pid: number, name: string }} Relative
 *
 * @typedef {{ id: number, name: string | null, cpu_time: number | null }} Thread its CPU time in seconds
 *
 * @typedef {object} ProcessDetails unknown is null
 * @property {string | null} command masked
 * @property {string | null} executable
 * @property {string | null} cwd
 * @property {string | null} terminal
 * @property {number | null} session
 * @property {number | null} nice
 * @property {number[] | null} affinity
 * @property {Relative[] | null} parents the nearest first
 * @property {Relative[] | null} children
 * @property {number | null} [child_count]
 * @property {number | null} threads how many
 * @property {Thread[] | null} busiest_threads at most eight, those with most CPU time
 * @property {number | null} open_files
 * @property {Record<string, number | null> | null} io bytes: read, written
 * @property {Record<string, number | null> | null} memory bytes: rss, uss, pss, swap
 * @property {string[]} not_permitted keys, such as "cwd" or "memory.uss"
 * @property {{ time: number[], cpu: (number | null)[], memory: (number | null)[] }} history
 *
 * @typedef {{ result: "details", details: ProcessDetails }} DetailsAnswer the answer to `details`
 *
 * @typedef {{ result: "command", command: string | null }} CommandAnswer the answer to `reveal`, secrets and all
 *
 * @typedef {object} MomentAnswer the answer to `moment`: the table and the summary as they were; Unix seconds
 * @property {"moment"} result
 * @property {number} time of the reading
 * @property {number} first reading there is
 * @property {number} last reading there is
 * @property {Frame} frame a whole one, whose keys are its own; its block comes with the answer
 * @property {Record<string, unknown>} reading as views/summary.py writes it
 * @property {string[]} ended identities of those in it that have ended since
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
 * @typedef {Question | Outcome | DetailsAnswer | CommandAnswer | MomentAnswer | IntervalAnswer | Refusal} Answer
 *
 * @typedef {{ type: "watch", on: boolean } | { type: "fields", keys: string[] } | { type: "whole" } | { type: "ack", seq: number }
 *   | { type: "select", identities: string[] } | { type: "cancel", nonce: string }} Notice a message without an answer
 *
 * @typedef {{ type: "ask", identities: string[], signal: string }
 *   | { type: "confirm", nonce: string, signal: string, identities: string[] }
 *   | { type: "details", identity: string, expensive: boolean }
 *   | { type: "moment", when: string | number, step: number }
 *   | { type: "interval_of", from: string | number, to: string | number }
 *   | { type: "reveal", identity: string }} Request a message that gets an answer
 *
 * @typedef {{ type: "frame", frame: Frame } | { type: "answer", request: string, answer: Answer }
 *   | { type: "go", when: string | number | null } | { type: "refused", text: string }} Received
 */

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
 * @returns {Notice}
 */
export function wantFields(keys) {
  return { type: "fields", keys };
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
 * Ask for the table and the summary of a past moment.
 * @param {string | number} when Unix seconds, or a text such as "10:32" or "5m"
 * @param {number} step how many readings before (-1) or after (1) that
 * @returns {Request}
 */
export function momentOf(when, step) {
  return { type: "moment", when, step };
}

/**
 * Ask what each process did between two moments.
 * @param {string | number} from
 * @param {string | number} to
 * @returns {Request}
 */
export function intervalOf(from, to) {
  return { type: "interval_of", from, to };
}

/**
 * Have readings made this often. From the summary, whose messages name no view.
 * @param {number} seconds
 */
export function chooseInterval(seconds) {
  return { type: "interval", seconds };
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
    case "go":
      return { type: "go", when: content.when ?? null };
    case "refused":
      return { type: "refused", text: content.text };
    default:
      return null;
  }
}
