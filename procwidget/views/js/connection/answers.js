/**
 * What the kernel answers to requests; protocol.js builds the requests. What it answers about
 * the past is in past_messages.js. Nothing here runs.
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
 * @typedef {{ id: number, name: string | null, cpu_time: number | null, cpu?: number | null }} Thread its CPU time in
 *   seconds, its CPU in percent of a core since the look before, null where there was none
 *
 * @typedef {{ name: string, soft: number | null, hard: number | null, unit: string }} Limit null for no end
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
 * @property {Thread[] | null} busiest_threads at most eight, those that are busiest now
 * @property {string | null} [io_priority]
 * @property {string | null} [control_group]
 * @property {Limit[] | null} [limits]
 * @property {string | null} [waits_for] what its main thread waits for in the kernel
 * @property {number | null} [gave_way] how often it waited for something
 * @property {number | null} [had_to_give_way] how often it had to let others run
 * @property {number | null} open_files
 * @property {Record<string, number | null> | null} io bytes: read, written
 * @property {Record<string, number | null> | null} memory bytes: rss, uss, pss, swap
 * @property {boolean} [stack] whether its Python stack can be asked for
 * @property {string[]} not_permitted keys, such as "cwd" or "memory.uss"
 * @property {{ time: number[], cpu: (number | null)[], memory: (number | null)[] }} history
 *
 * @typedef {{ result: "details", details: ProcessDetails }} DetailsAnswer the answer to `details`
 *
 * @typedef {object} Opened what a process has open; the counts are of all
 * @property {{ path: string, descriptors: number }[] | null} files null where they are not shown
 * @property {number} file_count
 * @property {{ kind: string, local: string, remote: string | null, state: string | null }[]} sockets
 * @property {number} socket_count
 * @property {number} others pipes and such
 *
 * @typedef {{ result: "opened", opened: Opened }} OpenedAnswer the answer to `opened`
 *
 * @typedef {{ result: "command", command: string | null }} CommandAnswer the answer to `reveal`, secrets and all
 *
 * @typedef {{ result: "stack", stack: string }} StackAnswer the answer to `stack`
 *
 * @typedef {object} HoldersAnswer the answer to `holders`
 * @property {"holders"} result
 * @property {string[][]} found the identities of those found, for each lookup
 * @property {string | null} note how many processes could not be looked into, in a sentence
 *
 * @typedef {{ result: "told", on: boolean }} ToldAnswer the answer to `tell`
 *
 * @typedef {{ result: "kept" }} KeptAnswer the answer to `keep`
 *
 * @typedef {object} LoggedEvent something that was wrong or was done, see procwidget/state/events.py
 * @property {number} number
 * @property {string} kind
 * @property {Level} level the worst that it had
 * @property {number} began Unix seconds
 * @property {number | null} ended null while it lasts, the same as `began` for a moment
 * @property {number | null} worst
 * @property {string} text
 *
 * @typedef {object} Settings thresholds as (warning, critical) pairs, and for how long they must be reached
 * @property {[number, number]} cpu percent
 * @property {[number, number]} memory
 * @property {[number, number]} swap
 * @property {[number, number]} process_cpu percent of one core
 * @property {[number, number]} process_memory
 * @property {number} hold seconds
 * @property {number} process_hold
 *
 * @typedef {{ result: "events", version: number, now: number | null, events: LoggedEvent[] }} EventsAnswer the answer to
 *   `events`; `now` is the moment of the newest reading, in Unix seconds
 *
 * @typedef {{ result: "thresholds", thresholds: Settings } | { result: "expected", on: boolean }} HeadDone
 *
 * @typedef {Question | Outcome | DetailsAnswer | CommandAnswer | OpenedAnswer | HoldersAnswer | ToldAnswer | KeptAnswer | StackAnswer
 *   | PastAnswer | Refusal} Answer
 *
 * @typedef {EventsAnswer | HeadDone | Refusal} HeadAnswer an answer to the summary
 */

/** @import { Level } from "../types.js" */
/** @import { PastAnswer } from "./past_messages.js" */

export {};
