/**
 * The dialog in which thresholds are set: from which value on something is a warning and critical, and for how long it
 * must be. The kernel checks what is set, and everybody who sees this dashboard has it then.
 */

import { setThresholds } from "../connection/protocol.js";
import { button, element, setAttribute, setText, uniqueId } from "../ui/dom.js";

/** @import { HeadLink } from "../connection/head_link.js" */
/** @import { Settings } from "../connection/answers.js" */

/** @typedef {"cpu" | "memory" | "swap" | "process_cpu" | "process_memory"} Pair */
/** @typedef {"hold" | "process_hold"} Hold */

/** @type {[key: Pair, label: string, unit: string, most: number][]} */
const PAIRS = [
  ["cpu", "CPU", "% of the host", 100],
  ["memory", "Memory", "% of the host", 100],
  ["swap", "Swap", "% of the host", 100],
  ["process_cpu", "CPU of a process", "% of a core", 1e6],
  ["process_memory", "Memory of a process", "% of the host", 100],
];

/** @type {[key: Hold, label: string][]} */
const HOLDS = [
  ["hold", "Hold time, host"],
  ["process_hold", "Hold time, process"],
];

const LONGEST_HOLD = 3600;

const CPU_NOTE =
  "With its usual values CPU is an alert by how long tasks wait for it, where the system measures that; " +
  "with values of your own, by its percentage.";

/**
 * The mistake in what was typed, as a sentence; null for none. The kernel checks the same.
 * @param {Settings} values
 */
export function mistake(values) {
  for (const [key, label, , most] of PAIRS) {
    const [warning, critical] = values[key];
    if (![warning, critical].every((value) => value >= 0 && value <= most)) {
      return `${label}: a threshold is a number from 0 to ${most}.`;
    }
    if (warning > critical) {
      return `${label}: the warning, ${warning}, must not be above the critical, ${critical}.`;
    }
  }
  for (const [key] of HOLDS) {
    if (!(values[key] >= 0 && values[key] <= LONGEST_HOLD)) {
      return `The time is a number of seconds from 0 to ${LONGEST_HOLD}.`;
    }
  }
  return null;
}

/**
 * Show the dialog.
 * @param {HTMLElement} host
 * @param {Settings} now
 * @param {Pick<HeadLink, "request">} link
 */
export function showThresholds(host, now, link) {
  const back = document.activeElement;
  const id = uniqueId("thresholds");
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();
  const number = (/** @type {string} */ key, /** @type {string} */ label, /** @type {number} */ value) => {
    const input = element("input", {
      type: "number",
      class: "pw-number",
      min: "0",
      step: "any",
      "aria-label": label,
      "aria-describedby": `${id}-wrong`,
    });
    input.value = String(value);
    inputs.set(key, input);
    return input;
  };
  const pairs = PAIRS.map(([key, label, unit]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, label),
      element("td", {}, number(`${key}.0`, `${label}: warning`, now[key][0])),
      element("td", {}, number(`${key}.1`, `${label}: critical`, now[key][1])),
      element("td", {}, unit),
    ),
  );
  const holds = HOLDS.map(([key, label]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, label),
      element("td", {}, number(key, `${label}, in seconds`, now[key])),
      element("td", { colspan: "2" }, "s, then it is an alert"),
    ),
  );
  const wrong = element("div", { id: `${id}-wrong`, class: "pw-mistake", role: "alert" });
  const read = () => {
    // Nothing typed is no number, and not 0.
    const value = (/** @type {string} */ key) => {
      const text = inputs.get(key)?.value.trim() ?? "";
      return text === "" ? NaN : Number(text);
    };
    const settings = /** @type {any} */ ({});
    PAIRS.forEach(([key]) => (settings[key] = [value(`${key}.0`), value(`${key}.1`)]));
    HOLDS.forEach(([key]) => (settings[key] = value(key)));
    return /** @type {Settings} */ (settings);
  };
  const complain = (/** @type {string} */ sentence) => {
    set.disabled = false;
    setText(wrong, sentence);
  };
  const set = button("Set", () => {
    const values = read();
    const sentence = mistake(values);
    if (sentence !== null) {
      complain(sentence);
      return;
    }
    set.disabled = true;
    setText(wrong, "");
    link.request(setThresholds(values), (answer) => {
      if (answer.result === "refused") {
        complain(answer.refusals.join(" "));
      } else {
        dialog.close();
      }
    });
  });
  const dialog = element(
    "dialog",
    { class: "pw-dialog pw-thresholds", "aria-label": "Thresholds" },
    element("div", { class: "pw-dialog-title", "aria-hidden": "true" }, "Thresholds"),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...["", "Warning", "Critical", ""].map((head) => element("th", { scope: "col" }, head))),
      ),
      element("tbody", {}, ...pairs, ...holds),
    ),
    element(
      "div",
      { class: "pw-thresholds-note" },
      "They hold for everybody who sees this dashboard, until its kernel ends.",
    ),
    element("div", { class: "pw-thresholds-note" }, CPU_NOTE),
    wrong,
    element(
      "div",
      { class: "pw-dialog-buttons" },
      button("Cancel", () => dialog.close()),
      set,
    ),
  );
  // Escape closes the dialog, and must not reach what is around it.
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && event.target instanceof Element && event.target.matches("input")) {
      event.preventDefault();
      set.click();
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back instanceof HTMLElement) {
      back.focus();
    }
  });
  host.append(dialog);
  dialog.showModal();
  setAttribute(set, "data-default", "true");
  inputs.get("cpu.0")?.focus();
}
