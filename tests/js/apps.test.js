/** Apps: programs with their processes folded in, with what all of them use together. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { Listing } from "../../procwidget/views/js/rows/listing.js";
import { CPU_HISTORY } from "../../procwidget/views/js/rows/row.js";
import { EVERY } from "../../procwidget/views/js/table/columns.js";
import { judgedBy } from "../../procwidget/views/js/table/row_element.js";
import { row } from "./rows.js";
import { table } from "./views.js";

const EVERYTHING = { all: true, matches: () => true };

const workers = () => [
  row({ key: 1, name: "php-fpm", user: "www", cpu: 6, memory: 50, threads: 2 }),
  row({ key: 2, name: "backup", user: "root", cpu: 14, memory: 20 }),
  row({ key: 3, name: "php-fpm", user: "www", cpu: 90, memory: 50, threads: 1 }),
  row({ key: 4, name: "php-fpm", user: "ana", cpu: 1, memory: 10 }),
];

/** @returns {Listing} */
const apps = () =>
  new Listing(
    {
      sort: [{ key: "cpu", descending: true }],
      kind: "app",
      flipped: new Set(),
      pinned: new Set(),
    },
    EVERY,
  );

/** @param {Listing} listing */
const names = ({ list }) => list.map(({ name, user, group }) => `${name} ${user}${group ? ` ×${group.length}` : ""}`);

test("an app is a name and a user; one process alone is its own row", () => {
  const made = apps();
  made.refresh(workers(), EVERYTHING, null);
  assert.deepEqual(names(made), ["php-fpm www ×2", "backup root", "php-fpm ana"]);
  assert.deepEqual([made.list[0]?.cpu, made.list[0]?.memory, made.matching], [96, 100, 4]);
});

test("an app whose second process ends is its own row again, and back it is as it was opened", () => {
  const made = apps();
  const rows = workers();
  made.refresh(rows, EVERYTHING, null);
  made.setOpen(/** @type {any} */ (made.list[0]), true);
  const third = /** @type {any} */ (rows[2]);
  third.ended = true;
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(names(made).sort(), ["backup root", "php-fpm ana", "php-fpm www", "php-fpm www"]);
  third.ended = false;
  made.refresh(rows, EVERYTHING, null);
  assert.deepEqual(names(made).slice(0, 3), ["php-fpm www ×2", "php-fpm www", "php-fpm www"]);
});

test("an app keeps in its trace what processes used that ended since", () => {
  const made = apps();
  const rows = workers();
  for (const one of rows) {
    one.recentCpu = new Float32Array(CPU_HISTORY).fill(NaN);
    one.recentCpu[1] = one.cpu ?? NaN;
  }
  made.refresh(rows, EVERYTHING, null, 1);
  const [group] = made.list;
  assert.equal(group?.recentCpu?.[1], 96);
  const more = [...rows, row({ key: 5, name: "php-fpm", user: "www", cpu: 4 })];
  /** @type {any} */ (more[2]).ended = true;
  made.refresh(more, EVERYTHING, null, 2);
  assert.deepEqual([group?.recentCpu?.[1], group?.recentCpu?.[2]], [96, 10]);
});

test("an app is measured by what it uses together, a closed branch by its worst process", () => {
  const group = { ...row({ key: -1 }), group: workers() };
  const sums = { processes: 28, cpu: 168, memory: 900, highestCpu: 8, highestMemory: 50, measured: 0, sums: {} };
  const judged = judgedBy(sums, group);
  assert.deepEqual([judged.cpu, judged.memory], [168, 900]);
  assert.equal(judgedBy(sums, row({ key: 1 })).cpu, 8);
});

test("Apps is one click, is ended as a whole, and says how many it is", async (context) => {
  const { model, render, send } = table(context, { cores: 2 });
  const { el } = render();
  appear();
  await send(workers());
  const pressed = () => [...el.querySelectorAll(".pw-kind[aria-pressed=true]")].map(({ textContent }) => textContent);
  assert.deepEqual(pressed(), ["Processes"]);
  const button = [...el.querySelectorAll(".pw-kind")].find(({ textContent }) => textContent === "Apps");
  /** @type {HTMLElement} */ (button).click();
  assert.deepEqual(pressed(), ["Apps"]);
  const group = /** @type {HTMLElement} */ (el.querySelector(".pw-group"));
  assert.match(group.querySelector("[data-column=name]")?.textContent ?? "", /^php-fpm2 processes/);
  assert.equal(group.querySelector("[data-column=user]")?.textContent, "www");
  const end = /** @type {HTMLElement} */ (group.querySelector(".pw-end"));
  assert.equal(end.getAttribute("aria-label"), "End php-fpm (2 processes)");
  end.click();
  const asked = model.sent.find(({ type }) => type === "ask");
  assert.deepEqual(asked?.identities, ["1-1", "3-3"]);
});
