/**
 * The hosts as they come from the kernel, and how their figures read. Pure.
 */

import { bytes, figure, memory, networkRate, percentOf, rate, UNKNOWN } from "../ui/format.js";

/** @import { Level } from "../types.js" */

/** @typedef {"critical" | "warning" | "lost" | "silent" | "waiting" | "normal"} State */

/** @typedef {{ name: string, user: string | null, value: number, processes: number }} Top */

/**
 * @typedef {object} Host one host; unknown is null
 * @property {string} host its name
 * @property {State} state
 * @property {string} text what is said of it
 * @property {string} note
 * @property {number} age seconds since it was heard
 * @property {number} workers
 * @property {number | null} cpu
 * @property {number | null} cpus
 * @property {number | null} memory
 * @property {number | null} memory_used
 * @property {number | null} memory_total
 * @property {number | null} swap
 * @property {number | null} pressure_cpu
 * @property {number | null} pressure_memory
 * @property {number | null} pressure_io
 * @property {number | null} load
 * @property {number | null} received
 * @property {number | null} sent
 * @property {number | null} read
 * @property {number | null} written
 * @property {number | null} processes
 * @property {Top | null} top_cpu
 * @property {Top | null} top_memory
 * @property {string[]} short_of
 */

/**
 * @typedef {object} HostsMessage
 * @property {number} time
 * @property {number} interval
 * @property {string} cluster
 * @property {{ level: Level, text: string }} headline
 * @property {string[]} columns
 * @property {any[][]} rows
 * @property {Record<string, string[]>} found the names that each view's search finds
 * @property {Record<string, number>} opened the hosts whose dashboards are there, with the place of each
 * @property {[number, string]} for_all how often Python had all views show a host, and which
 */

/** The order of names: node2 before node10. Made once, for making it takes as long as some hundred comparisons. */
export const BY_NAME = new Intl.Collator(undefined, { numeric: true });

/** What a state is called, the worst first. @type {Record<State, string>} */
export const STATES = {
  critical: "Critical",
  lost: "Lost",
  warning: "Warning",
  silent: "Silent",
  waiting: "Waiting",
  normal: "Fine",
};

/** A mark for each, so that colour is not all that tells them apart. @type {Record<State, string>} */
export const MARKS = { critical: "▲", lost: "✕", warning: "△", silent: "◌", waiting: "…", normal: "●" };

/**
 * @param {HostsMessage} message
 * @returns {Host[]}
 */
export function rowsOf({ columns, rows }) {
  return rows.map((row) => {
    /** @type {any} */
    const host = {};
    for (let at = 0; at < columns.length; at++) {
      host[/** @type {string} */ (columns[at])] = row[at];
    }
    return host;
  });
}

/** @param {Host} host the pressure that is worst, with its kind */
export function pressureOf(host) {
  /** @type {[string, number | null][]} */
  const all = [
    ["CPU", host.pressure_cpu],
    ["memory", host.pressure_memory],
    ["I/O", host.pressure_io],
  ];
  /** @type {{ kind: string, value: number } | null} */
  let worst = null;
  for (const [kind, value] of all) {
    if (value !== null && value > (worst?.value ?? -1)) {
      worst = { kind, value };
    }
  }
  return worst;
}

/**
 * @param {number | null} one
 * @param {number | null} other
 */
function sum(one, other) {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}

/**
 * @typedef {object} HostColumn
 * @property {string} key
 * @property {string} label
 * @property {boolean} numeric
 * @property {string} width a track of a CSS grid
 * @property {number} from the table's width from which on it is shown
 * @property {(host: Host) => string} text
 * @property {(host: Host) => string | number | null} order
 * @property {(host: Host) => number} [bar] how long the bar behind the figure is: 1 fills it
 */

/** @type {HostColumn[]} */
export const HOST_COLUMNS = [
  {
    key: "host",
    label: "Host",
    numeric: false,
    width: "minmax(96px, 0.8fr)",
    from: 0,
    text: ({ host }) => host,
    order: ({ host }) => host,
  },
  {
    key: "text",
    label: "State",
    numeric: false,
    width: "minmax(150px, 2.4fr)",
    from: 620,
    text: ({ text, note }) => (note ? `${text}. ${note}` : text),
    order: ({ text }) => text,
  },
  {
    key: "cpu",
    label: "CPU",
    numeric: true,
    width: "70px",
    from: 0,
    text: ({ cpu }) => percentOf(cpu),
    order: ({ cpu }) => cpu,
    bar: ({ cpu }) => (cpu ?? 0) / 100,
  },
  {
    key: "memory",
    label: "Memory",
    numeric: true,
    width: "78px",
    from: 0,
    text: (host) => percentOf(host.memory),
    order: (host) => host.memory,
    bar: (host) => (host.memory ?? 0) / 100,
  },
  {
    key: "pressure",
    label: "Pressure",
    numeric: true,
    width: "100px",
    from: 860,
    text: (host) => {
      const worst = pressureOf(host);
      return worst === null ? UNKNOWN : `${worst.value >= 1 ? `${worst.kind} ` : ""}${percentOf(worst.value)}`;
    },
    order: (host) => pressureOf(host)?.value ?? null,
  },
  {
    key: "load",
    label: "Load",
    numeric: true,
    width: "52px",
    from: 700,
    text: ({ load }) => figure(load, 1),
    order: ({ load }) => load,
  },
  {
    key: "network",
    label: "Network",
    numeric: true,
    width: "88px",
    from: 940,
    text: ({ received, sent }) => networkRate(sum(received, sent)),
    order: ({ received, sent }) => sum(received, sent),
  },
  {
    key: "disk",
    label: "Disk",
    numeric: true,
    width: "88px",
    from: 940,
    text: ({ read, written }) => rate(sum(read, written)),
    order: ({ read, written }) => sum(read, written),
  },
  {
    key: "processes",
    label: "Processes",
    numeric: true,
    width: "76px",
    from: 1010,
    text: ({ processes }) => figure(processes),
    order: ({ processes }) => processes,
  },
  {
    key: "program",
    label: "Greediest",
    numeric: false,
    width: "minmax(110px, 1.1fr)",
    from: 480,
    text: ({ top_cpu: top }) =>
      top ? `${percentOf(top.value)} ${top.name}${top.processes > 1 ? ` ×${top.processes}` : ""}` : UNKNOWN,
    order: ({ top_cpu: top }) => top?.value ?? null,
  },
  {
    key: "age",
    label: "Heard",
    numeric: true,
    width: "50px",
    from: 780,
    text: ({ age: seconds }) => (seconds < 1 ? "now" : `${figure(seconds)} s`),
    order: ({ age: seconds }) => seconds,
  },
];

/**
 * What a tooltip says of a host.
 * @param {Host} host
 */
export function hintOf(host) {
  const cores = host.cpus === null ? "" : ` of ${figure(host.cpus)} CPUs`;
  const total = host.memory_total === null ? "" : ` of ${memory(host.memory_total)}`;
  const top = host.top_memory ? `\nMost memory: ${host.top_memory.name}, ${memory(host.top_memory.value)}` : "";
  const disk = `\nDisk ${bytes(host.read)}/s read, ${bytes(host.written)}/s written`;
  const known =
    host.cpu === null
      ? ""
      : `\nCPU ${percentOf(host.cpu)}${cores}, memory ${percentOf(host.memory)}${total}${top}${disk}`;
  const workers = `\n${host.workers} ${host.workers === 1 ? "worker" : "workers"}`;
  return `${host.host}: ${host.text}${known}${workers}`;
}
