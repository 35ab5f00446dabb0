/** Panels: closed at first, told to the kernel while they are open, and filled in place. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear, disappear } from "./page.js";
import { ROWS, table } from "./views.js";

const PANELS = [
  { name: "cpu", title: "CPU" },
  { name: "disks", title: "Disks" },
];

const DISKS = {
  facts: [{ label: "Disks", text: "2", hint: "How many" }],
  tables: [
    {
      caption: "Disks",
      columns: [
        { label: "Disk", number: false },
        { label: "Busy", number: true, hint: "Of the time" },
      ],
      rows: [
        ["sda", "3 %"],
        ["<b>", { text: "97 %", level: "warning" }],
      ],
    },
  ],
  notes: ["sdb stands on sda."],
};

/** @param {import("node:test").TestContext} context */
async function shown(context, options = { panels: PANELS }) {
  const page = table(context, options);
  const { el, remove } = page.render();
  context.after(remove);
  appear();
  await page.send(ROWS);
  const opener = (/** @type {string} */ title) =>
    /** @type {HTMLButtonElement} */ (
      [...el.querySelectorAll(".pw-panel-button")].find((button) => button.textContent === title)
    );
  const told = () => page.model.sent.filter(({ type }) => type === "panels").map(({ names }) => names);
  const drawn = () => new Promise((later) => setTimeout(later, 40));
  return { ...page, el, opener, told, drawn };
}

test("no panel is open at first, and the kernel hears of none", async (context) => {
  const { el, opener, told } = await shown(context);
  assert.equal(el.querySelectorAll(".pw-panel").length, 0);
  assert.deepEqual(told(), []);
  assert.equal(opener("Disks").getAttribute("aria-expanded"), "false");
});

test("a click opens one, which says so to the kernel; its cross closes it", async (context) => {
  const { el, opener, told } = await shown(context);
  opener("Disks").click();
  assert.deepEqual(told(), [["disks"]]);
  const panel = /** @type {HTMLElement} */ (el.querySelector(".pw-panel"));
  assert.equal(panel.getAttribute("aria-label"), "Disks panel");
  assert.equal(opener("Disks").getAttribute("aria-controls"), panel.id);
  opener("CPU").click();
  assert.deepEqual(told().at(-1), ["cpu", "disks"]);
  const titles = () => [...el.querySelectorAll(".pw-panel-title")].map((title) => title.textContent);
  assert.deepEqual(titles(), ["CPU", "Disks"], "in the order of their buttons");
  /** @type {HTMLElement} */ (panel.querySelector(".pw-panel-close")).click();
  assert.deepEqual(titles(), ["CPU"]);
  assert.deepEqual(told().at(-1), ["cpu"]);
  assert.equal(document.activeElement, opener("Disks"));
});

test("its tables have headings, marked cells, and text that is only text", async (context) => {
  const { el, model, opener, send, drawn } = await shown(context);
  opener("Disks").click();
  model.emit("msg:custom", { type: "panels", panels: { disks: DISKS } }, []);
  await drawn();
  const texts = (/** @type {string} */ what) =>
    [...el.querySelectorAll(`.pw-panel ${what}`)].map((one) => one.textContent);
  assert.deepEqual(texts("thead th[scope=col]"), ["Disk", "Busy"]);
  assert.deepEqual(texts("tbody th[scope=row]"), ["sda", "<b>"]);
  assert.deepEqual(texts("td.pw-right"), ["3 %", "97 %"]);
  assert.deepEqual(texts("[data-level=warning]"), ["97 %"]);
  assert.deepEqual([...texts("dt"), ...texts("dd"), ...texts(".pw-panel-notes")], ["Disks", "2", "sdb stands on sda."]);
  const cell = el.querySelector(".pw-panel td");
  const [table] = DISKS.tables;
  await send(ROWS, { panels: { disks: { ...DISKS, tables: [{ ...table, rows: [["sda", "9 %"]] }] } } });
  await drawn();
  assert.deepEqual(texts("td"), ["9 %"]);
  assert.equal(el.querySelector(".pw-panel td"), cell, "changed in place");
});

test("a panel that not every host has gets its button once the host has it, or while it is open", async (context) => {
  const panels = [...PANELS, { name: "gpus", title: "GPUs", optional: true }];
  const { opener, send, el, told } = await shown(context, { panels });
  assert.deepEqual([opener("CPU").hidden, opener("GPUs").hidden], [false, true]);
  await send(ROWS, { found: ["gpus"] });
  assert.equal(opener("GPUs").hidden, false);
  await send(ROWS);
  assert.equal(opener("GPUs").hidden, false, "one that does not answer for a while is still there");
  opener("GPUs").click();
  assert.deepEqual([told().at(-1), el.querySelectorAll(".pw-panel").length], [["gpus"], 1]);
});

test("hidden, nothing is asked for; seen again, the kernel is told anew", async (context) => {
  const { opener, told } = await shown(context);
  opener("CPU").click();
  disappear();
  const before = told().length;
  appear();
  assert.deepEqual(told().slice(before), [["cpu"]]);
});

test("paused nothing in a panel moves", async (context) => {
  const { el, dashboard, model, opener, drawn } = await shown(context);
  opener("Disks").click();
  model.emit("msg:custom", { type: "panels", panels: { disks: DISKS } }, []);
  await drawn();
  dashboard.dispatchEvent(new CustomEvent("procwidget-pause", { detail: { paused: true } }));
  const changed = { ...DISKS, notes: ["Other."] };
  model.emit("msg:custom", { type: "panels", panels: { disks: changed } }, []);
  await drawn();
  assert.equal(el.querySelector(".pw-panel-notes")?.textContent, "sdb stands on sda.");
});

test("what is open is kept over a reload of the page, and open in the next view", async (context) => {
  const { opener, render } = await shown(context);
  opener("Disks").click();
  const kept = { unknown: [], choices: null };
  document.dispatchEvent(new CustomEvent("procwidget-leave", { detail: kept }));
  assert.deepEqual(/** @type {any} */ (kept.choices).panels, ["disks"]);
  const next = render();
  context.after(next.remove);
  assert.equal(next.el.querySelector(".pw-panel-title")?.textContent, "Disks");
});

test("of two views the one that leaves takes its panel with it", async (context) => {
  const { opener, render, told } = await shown(context);
  opener("Disks").click();
  const second = render();
  appear();
  const closer = /** @type {HTMLElement} */ (second.el.querySelector(".pw-panel-close"));
  closer.click();
  assert.deepEqual(told().at(-1), ["disks"], "the first has it open still");
  /** @type {HTMLElement} */ (second.el.querySelector(".pw-panel-button")).click();
  assert.deepEqual(told().at(-1), ["cpu", "disks"]);
  second.remove();
  assert.deepEqual(told().at(-1), ["disks"]);
});
