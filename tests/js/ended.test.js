/** Rows that ended are quiet: two lines at most, and one that counts the others. */

import assert from "node:assert/strict";
import test from "node:test";
import { appear } from "./page.js";
import { LINES, withoutOldEnded } from "../../procwidget/views/js/rows/ended.js";
import { row } from "./rows.js";
import { table } from "./views.js";

test("of rows that ended the newest have a line, of equally new ones those that used most", () => {
  const living = row({ key: 1 });
  const ended = [1, 9, 5, 7].map((cpu, at) => row({ key: 10 + at, cpu, ended: true, left: at < 2 ? 100 : 102 }));
  const { rows, more } = withoutOldEnded([living, ...ended]);
  assert.deepEqual([rows.map(({ key }) => key), more], [[1, 12, 13], 2]);
  assert.deepEqual(withoutOldEnded([living, ...ended.slice(0, LINES)]).more, 0);
});

for (const kind of ["list", "app"]) {
  test(`after a build two ended rows have a line and one line counts the others (${kind})`, async (context) => {
    const { render, send } = table(context);
    const { el } = render();
    appear();
    const select = /** @type {HTMLSelectElement} */ (el.querySelector(".pw-show-as select"));
    select.value = kind;
    select.dispatchEvent(new Event("change"));
    const stays = row({ key: 1, pid: 1, name: "make", cpu: 1 });
    const jobs = Array.from({ length: 14 }, (_, at) =>
      row({ key: 10 + at, pid: 10 + at, name: `cc${at}`, cpu: 50 + at }),
    );
    await send([stays, ...jobs]);
    await send([], { gone: jobs.map(({ key }) => key) });
    const lines = () =>
      [...el.querySelectorAll(".pw-body > .pw-row")].map(
        (line) => line.querySelector("[data-column=name]")?.textContent,
      );
    assert.deepEqual(lines(), ["cc13", "cc12", "and 12 more ended", "make"]);
    const line = /** @type {HTMLElement} */ (el.querySelectorAll(".pw-body > .pw-row")[2]);
    const cells = [...line.querySelectorAll(".pw-cell")].map(({ textContent }) => textContent);
    assert.deepEqual(
      cells.filter((text) => text !== "" && text !== "End"),
      ["and 12 more ended"],
    );
    assert.ok(
      [...line.querySelectorAll("button, input")].every((one) =>
        ["disabled", "hidden"].some((off) => one.hasAttribute(off)),
      ),
    );
    /** @type {HTMLElement} */ (line.querySelector("[data-column=name]")).click();
    assert.equal(el.querySelector('[role="region"]')?.hasAttribute("hidden"), true, "it has details");
    await send([], { time: 2010 });
    assert.deepEqual(lines(), ["make"]);
  });
}
