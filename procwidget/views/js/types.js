/**
 * Types that several modules share. Nothing here runs.
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
 * @property {number} since Unix seconds since which `status` stands and, in disk sleep, the CPU time too; the kernel's
 *   word where the process does not get on, else as far as this page has seen
 * @property {boolean} ended whether it left
 * @property {number} [left] Unix seconds of the frame without it, once it left
 * @property {number | null} session
 * @property {string | null} [notebook] the notebook of the Jupyter kernel that it is or belongs to, once that was read
 * @property {string | null} [notebook_path] where that is, its kernel, and how long ago it was so called
 * @property {number} born Unix seconds of the frame that brought it, 0 when it was there before anybody looked
 * @property {Float32Array | null} recentCpu its CPU of the last readings, see rows/row.js
 * @property {Row[] | null} group the processes it stands for, when it stands for a group of them
 * @property {string} words what plain words of a search are looked for in, folded
 *
 * @typedef {object} Kind what the values of a field are, see procwidget/fields.py
 * @property {string} name
 * @property {Record<string, number>} units each as a factor to the row's unit
 * @property {string} takes a few words about it
 * @property {"text" | "plain" | "count" | "decimal" | "memory" | "growth" | "bytes" | "rate" | "time"} drawing
 *
 * @typedef {object} Field a field of a process, as procwidget/fields.py declares it
 * @property {string} key
 * @property {Kind} kind
 * @property {string} label
 * @property {string} hint
 * @property {string[]} aliases
 * @property {string} number
 * @property {boolean} stored
 * @property {boolean} searched
 * @property {boolean} sorted
 * @property {boolean} shown
 * @property {string} operator
 * @property {boolean} on_demand
 * @property {boolean} summed whether a sum of it says something
 * @property {string} unknown why it may be unknown
 *
 * @typedef {object} Status a status of a process, as procwidget/statuses.py declares it
 * @property {string} name
 * @property {string} word
 * @property {string} hangs
 * @property {boolean} needs_idle
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
 * @property {(name: string) => Promise<JupyterModel>} [get_model] rejects when there is none of that name (yet)
 *
 * @typedef {object} StatefulModel any widget's model, as Jupyter's front ends have it
 * @property {(name: string) => any} get
 * @property {(state: object) => void} [set_state] takes it as if it came from the kernel: nothing is sent back
 * @property {(name: string, value: unknown) => void} [set] does the same for one value; nothing is sent until it is saved
 *
 * @typedef {StatefulModel & { comm?: { on_msg?: (then: (message: object) => void) => void } }} JupyterModel
 *
 * @typedef {object} Options
 * @property {string} [name] of the dashboard
 * @property {string} sort_by
 * @property {number} rows
 * @property {string} filter
 * @property {boolean} actions
 * @property {string[] | null} [columns] keys of those shown, null for the usual
 * @property {number} [cores] of the host
 * @property {boolean} [reveal] whether masked commands may be shown
 * @property {{ name: string, title: string }[]} [panels] that can be opened
 * @property {string[]} [open_panels] names of those that are open at first
 * @property {object | null} [my_view] how this user arranged the table before; null where the browser keeps that
 * @property {string | null} [preset] the name of the ready-made view that is shown at first
 * @property {import("./signals/system.js").System} [system] what signals do on the kernel's operating system
 * @property {{ decimal: boolean, bits: boolean, fahrenheit: boolean }} [units] as units.py has them
 * @property {boolean} [replay] whether a recording is shown
 * @property {boolean} [paused] whether Python paused what is shown
 * @property {Record<string, number>} [chosen] how often Python set each of these while the table was shown
 * @property {number} [cores] how many CPUs there are
 * @property {import("./rows/never.js").Never | null} [never] which processes are never signalled, null where none is signalled at all
 *
 * @typedef {{ process_cpu: [number, number], process_memory: [number, number] }} Thresholds
 *
 * @typedef {object} Scene what the text and level of a cell depend on besides its row
 * @property {number} time Unix seconds of the newest frame
 * @property {number | null} memoryTotal MiB
 * @property {number} [cpus] how many CPUs a process could use
 * @property {number} [cores] how many CPUs there are
 * @property {(row: Row) => Row[]} [membersOf] the processes that a group or a closed branch stands for
 * @property {Thresholds} thresholds
 * @property {number} [cores] of the host
 * @property {number} [tick] number of the newest frame that the store took
 * @property {Row | null} [current] the row that the page is about now
 * @property {Set<string>} [pinned] identities of rows that are kept at the top
 * @property {Row | null} [followed] the row that is kept in sight
 * @property {import("./rows/store.js").PastOf | null} [past] the past moment that is shown
 * @property {import("./rows/never.js").Never | null} [never] which processes are never signalled, null where none is signalled at all
 * @property {number | null} [followedPlace] its place in the order, from 1, while it is shown elsewhere
 * @property {Record<string, string[]>} [highlights] by column, folded texts to mark in its cells
 *
 * @typedef {object} Cause who or what causes what the sentence says, as state/causes.py has it
 * @property {"process" | "program" | "unit" | "container" | "user" | "other"} kind
 * @property {string} name
 * @property {number | null} share percent of what is used
 * @property {string[]} processes identities, not all where they are many
 * @property {string} query a search that finds it, "" where nothing does
 *
 * @typedef {{ key: string, descending: boolean }} SortKey
 *
 * @typedef {object} Totals
 * @property {number} processes
 * @property {number | null} cpu percent of one core
 * @property {number | null} memory MiB
 * @property {number | null} highestCpu that of a single process
 * @property {number | null} highestMemory
 * @property {number} measured of how many processes the memory is the PSS
 * @property {Record<string, number | null>} sums of other fields, see rows/sums.js
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
