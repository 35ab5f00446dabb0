/**
 * The shapes that modules hand to each other. Types only: nothing enters, nothing leaves, nothing runs.
 *
 * @typedef {"normal" | "warning" | "critical"} Level
 *
 * @typedef {object} Row one process as the page knows it; unknown is null
 * @property {number} key the kernel's small number for this identity
 * @property {number} pid
 * @property {string} identity "PID-STARTTICKS"
 * @property {string} name
 * @property {string | null} user
 * @property {number | null} started Unix seconds
 * @property {string | null} command
 * @property {number | null} ppid
 * @property {number | null} nice
 * @property {number | null} cpu percent of one core
 * @property {number | null} memory MiB resident
 * @property {number | null} cpu_time seconds
 * @property {number | null} threads
 * @property {string | null} status one of the kernel's words
 * @property {number} since Unix seconds since which `status` stands and, in disk sleep, the CPU time too
 * @property {boolean} ended whether it left
 * @property {number | null} session
 * @property {number} born Unix seconds of the frame that brought it, 0 when it was there before anybody looked
 * @property {Float32Array | null} trace its CPU of the last readings, see trace.js
 * @property {Row[] | null} group the processes it stands for, when it stands for a group of them
 * @property {string} words what plain words of a search are looked for in, folded
 *
 * @typedef {[identity: string, name: number, user: number | null, started: number | null,
 *   command: number | null, ppid: number | null, nice: number | null, session: number | null]} Info its texts are
 *   places in the frame's `strings`
 *
 * @typedef {object} Frame the JSON half of a frame, as views/frames.py writes it
 * @property {"frame"} type
 * @property {number} seq
 * @property {boolean} whole
 * @property {number} time
 * @property {number | null} interval
 * @property {number | null} memory_total bytes
 * @property {number} count
 * @property {[name: string, type: string][]} columns
 * @property {string[]} statuses
 * @property {string[]} strings
 * @property {Info[]} info
 * @property {number[]} gone
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
 * @typedef {{ pid: number, name: string, identity: string }} Target
 *
 * @typedef {object} Question
 * @property {"question"} result
 * @property {string} nonce
 * @property {number} expires seconds
 * @property {string} signal
 * @property {Target[]} targets
 * @property {string[]} refusals
 *
 * @typedef {object} Outcome
 * @property {"outcome"} result
 * @property {(Target & { result: string, text: string })[]} outcomes
 * @property {Question | null} question
 *
 * @typedef {object} Refusal
 * @property {"refused"} result
 * @property {string[]} refusals
 * @property {boolean} [unknown] whether what was asked for may have been done all the same
 *
 * @typedef {Question | Outcome | Refusal} Answer
 *
 * @typedef {object} Model what anywidget gives a widget of its model
 * @property {(name: string) => any} get
 * @property {(name: string, callback: (...args: any[]) => void) => void} on
 * @property {(name: string, callback?: ((...args: any[]) => void) | null) => void} off
 * @property {(content: object) => void} send
 * @property {WidgetManager} [widget_manager] what a front end keeps its widgets with
 *
 * @typedef {object} WidgetManager
 * @property {() => Promise<object>} [_get_comm_info]
 * @property {{ commsOverSubshells?: string } | null} [kernel]
 * @property {(name: string) => Promise<StatefulModel>} [get_model] rejects when there is none of that name (yet)
 *
 * @typedef {object} StatefulModel any widget's model, as Jupyter's front ends have it
 * @property {(name: string) => any} get
 * @property {(state: object) => void} set_state takes it as if it came from the kernel: nothing is sent back
 *
 * @typedef {object} Options
 * @property {string} sort_by
 * @property {number} rows
 * @property {string} filter
 * @property {boolean} actions
 * @property {string[] | null} [columns] keys of those shown, null for the usual
 * @property {boolean} [reveal] whether masked commands may be shown
 *
 * @typedef {{ process_cpu: [number, number], process_memory: [number, number] }} Thresholds
 *
 * @typedef {object} Scene what the text and level of a cell depend on besides its row
 * @property {number} time Unix seconds of the newest frame
 * @property {number | null} memoryTotal MiB
 * @property {Thresholds} thresholds
 * @property {number} [tick] number of the newest frame that the store took
 * @property {Row | null} [current] the row that the page is about now
 * @property {Set<string>} [pinned] identities of rows that are kept at the top
 * @property {Record<string, string[]>} [marks] by column, folded texts to mark in its cells
 *
 * @typedef {{ key: string, descending: boolean }} SortKey
 *
 * @typedef {object} Totals
 * @property {number} processes
 * @property {number | null} cpu percent of one core
 * @property {number | null} memory MiB
 * @property {number | null} highestCpu that of a single process
 * @property {number | null} highestMemory
 *
 * @typedef {object} Place where a row is in a tree or among groups
 * @property {number} level from 1
 * @property {number} at its number among its siblings, from 1
 * @property {number} of how many siblings there are
 * @property {boolean | null} open whether what is under it is shown, null when there is nothing
 * @property {boolean} dim whether it is shown only for what is under it
 * @property {Totals} totals of the row and all under it
 */

export {};
