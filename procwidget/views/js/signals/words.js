/** The words of each signal in buttons and dialogs. Pure. */

/**
 * @typedef {object} SignalWords
 * @property {string} verb "End", as in "End sleep (7)?"
 * @property {string} label its button for one process, "End process"
 * @property {string} labels the same for several
 * @property {string} meaning
 * @property {(names: string, patience: number) => string} doing the sentence while it is being done, given for how many
 *   seconds the kernel waits
 * @property {string} done "Ended", as in "Ended 64 processes"
 * @property {boolean} harms whether its button is red
 */

/** @type {Record<string, SignalWords>} */
export const SIGNALS = {
  SIGTERM: {
    verb: "End",
    label: "End process",
    labels: "End processes",
    meaning: "SIGTERM asks a process to end. It can save its work first; it can also ignore this.",
    doing: (names, patience) => `Ending ${names}: ${patience} ${patience === 1 ? "second" : "seconds"} to do so…`,
    done: "Ended",
    harms: true,
  },
  SIGKILL: {
    verb: "Force kill",
    label: "Force kill",
    labels: "Force kill",
    meaning: "SIGKILL ends a process at once, whatever it is doing. It cannot save anything.",
    doing: (names) => `Killing ${names}…`,
    done: "Killed",
    harms: true,
  },
  SIGSTOP: {
    verb: "Stop",
    label: "Stop process",
    labels: "Stop processes",
    meaning: "SIGSTOP halts a process where it is, until it is continued. It keeps its memory.",
    doing: (names) => `Stopping ${names}…`,
    done: "Stopped",
    harms: false,
  },
  SIGCONT: {
    verb: "Continue",
    label: "Continue process",
    labels: "Continue processes",
    meaning: "SIGCONT lets a stopped process go on.",
    doing: (names) => `Continuing ${names}…`,
    done: "Continued",
    harms: false,
  },
  SIGINT: {
    verb: "Interrupt",
    label: "Interrupt process",
    labels: "Interrupt processes",
    meaning: "SIGINT is what Ctrl+C sends. Most programs end; some ask first, or ignore it.",
    doing: (names) => `Interrupting ${names}…`,
    done: "Interrupted",
    harms: true,
  },
  SIGHUP: {
    verb: "Hang up",
    label: "Hang up process",
    labels: "Hang up processes",
    meaning: "SIGHUP has most servers read their settings again. It ends other programs.",
    doing: (names) => `Sending SIGHUP to ${names}…`,
    done: "Sent SIGHUP to",
    harms: true,
  },
  SIGQUIT: {
    verb: "Quit",
    label: "Quit process",
    labels: "Quit processes",
    meaning: "SIGQUIT ends a program with a core dump. Java and Go programs print what each thread does.",
    doing: (names) => `Sending SIGQUIT to ${names}…`,
    done: "Sent SIGQUIT to",
    harms: true,
  },
  SIGUSR1: userSignal("SIGUSR1"),
  SIGUSR2: userSignal("SIGUSR2"),
  renice: {
    verb: "Renice",
    label: "Renice process",
    labels: "Renice processes",
    meaning:
      "The higher the number, the more a process gives way to others: −20 to 19, usually 0. To lower it takes privileges.",
    doing: (names) => `Renicing ${names}…`,
    done: "Reniced",
    harms: false,
  },
  ionice: {
    verb: "Set I/O priority of",
    label: "Set I/O priority",
    labels: "Set I/O priority",
    meaning: "Who gives way when several wait for a disk. Not every disk's scheduler heeds it: BFQ does.",
    doing: (names) => `Setting the I/O priority of ${names}…`,
    done: "Set the I/O priority of",
    harms: false,
  },
  affinity: {
    verb: "Set CPUs of",
    label: "Set CPUs",
    labels: "Set CPUs",
    meaning: "The CPUs that a process may run on, all its threads included. What it starts from now on has the same.",
    doing: (names) => `Setting the CPUs of ${names}…`,
    done: "Set the CPUs of",
    harms: false,
  },
  oom: {
    verb: "Set OOM score of",
    label: "Set OOM score",
    labels: "Set OOM score",
    meaning:
      "Linux ends the process with the highest score when memory runs out. This is added to it; to lower it takes privileges.",
    doing: (names) => `Setting the OOM score of ${names}…`,
    done: "Set the OOM score of",
    harms: false,
  },
};

/** What the server of a Jupyter kernel does to it. @type {Record<string, SignalWords>} */
export const KERNEL_DEEDS = {
  "kernel-interrupt": {
    verb: "Interrupt the kernel of",
    label: "Interrupt kernel",
    labels: "Interrupt kernels",
    meaning: "The Jupyter Server interrupts the cell that runs. What the notebook has computed so far stays.",
    doing: (names) => `Interrupting the kernel of ${names}…`,
    done: "Interrupted the kernels of",
    harms: true,
  },
  "kernel-restart": {
    verb: "Restart the kernel of",
    label: "Restart kernel",
    labels: "Restart kernels",
    meaning: "The Jupyter Server ends the kernel and starts another for the notebook. All its variables are lost.",
    doing: (names) => `Restarting the kernel of ${names}…`,
    done: "Restarted the kernels of",
    harms: true,
  },
  "kernel-shutdown": {
    verb: "Shut down the kernel of",
    label: "Shut down kernel",
    labels: "Shut down kernels",
    meaning: "The Jupyter Server ends the kernel. All its variables are lost; the notebook itself stays.",
    doing: (names) => `Shutting down the kernel of ${names}…`,
    done: "Shut down the kernels of",
    harms: true,
  },
};

/**
 * @param {string} name
 * @returns {SignalWords}
 */
function userSignal(name) {
  return {
    verb: `Send ${name} to`,
    label: `Send ${name}`,
    labels: `Send ${name}`,
    meaning: `${name} means what the program says it does. It ends a program that says nothing of it.`,
    doing: (names) => `Sending ${name} to ${names}…`,
    done: `Sent ${name} to`,
    harms: true,
  };
}

/**
 * @param {string} signal one of those above, or with what is to be set, such as "renice 5"
 * @returns {SignalWords}
 */
export function wordsFor(signal) {
  const words = SIGNALS[signal.split(" ")[0] ?? ""] ?? KERNEL_DEEDS[signal] ?? SIGNALS["SIGTERM"];
  return /** @type {SignalWords} */ (words);
}
