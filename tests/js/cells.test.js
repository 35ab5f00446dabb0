/** What cells of the kernel cost: bands in the charts, and the list that sorts. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { CellBands } from "../../procwidget/views/js/charts/cell_bands.js";
import { Panel } from "../../procwidget/views/js/panels/panel.js";

/** @import { CellBand } from "../../procwidget/views/js/connection/protocol.js" */

/** @type {CellBand[]} */
const CELLS = [
  [11, 700, 800, "100 s, CPU 1.0 s"],
  [12, 900, 950, "50.0 s, CPU 8.0 s"],
  [13, 990, null, "runs"],
];

test("a band stands where its cell ran, and one that runs goes on to now", () => {
  const bands = new CellBands(() => {});
  bands.show(CELLS, 1000, 200);
  const places = () =>
    [.../** @type {NodeListOf<HTMLElement>} */ (bands.element.querySelectorAll(".pw-cell-band"))].map(({ style }) => [
      style.left,
      style.width,
    ]);
  assert.deepEqual(places(), [
    ["50%", "25%"],
    ["95%", "5%"],
  ]);
  const [long, short] = bands.element.children;
  assert.equal(long?.hasAttribute("data-narrow"), false);
  assert.equal(short?.hasAttribute("data-narrow"), true);
  bands.show(CELLS, 1010, 200);
  assert.equal(bands.element.firstElementChild, long, "elements stay while the cells do");
  assert.deepEqual(places()[1], ["90%", "10%"]);
});

test("a band's name says what its cell cost, and shows the moment at which it ended", () => {
  /** @type {number[]} */
  const went = [];
  const bands = new CellBands((time) => went.push(time));
  bands.show(CELLS, 1000, 200);
  const name = /** @type {HTMLButtonElement} */ (bands.element.querySelector("button"));
  assert.equal(name.textContent, "In [12]");
  assert.match(name.title, /^In \[12\]: 50\.0 s, CPU 8\.0 s\. /);
  name.click();
  assert.deepEqual(went, [950]);
});

test("the list of cells is sorted by a click on a heading, unknown last, and turned by another", () => {
  const panel = new Panel("Cells", () => {});
  panel.show({
    facts: [],
    tables: [
      {
        caption: "Cells",
        columns: [
          { label: "Cell", number: false },
          { label: "Peak memory", number: true },
        ],
        rows: [
          ["In [3]", "—"],
          ["In [2]", "1.2 GiB"],
          ["In [1]", "≥ 1.5 GiB"],
        ],
        values: [
          [3, null],
          [2, 1.2],
          [1, 1.5],
        ],
      },
    ],
    notes: [],
  });
  const names = () => [...panel.element.querySelectorAll("tbody th")].map(({ textContent }) => textContent);
  const sort = () => /** @type {HTMLButtonElement} */ (panel.element.querySelectorAll(".pw-panel-sort")[1]).click();
  assert.deepEqual(names(), ["In [3]", "In [2]", "In [1]"]);
  sort();
  assert.deepEqual(names(), ["In [1]", "In [2]", "In [3]"]);
  assert.equal(panel.element.querySelectorAll("th[scope=col]")[1]?.getAttribute("aria-sort"), "descending");
  sort();
  assert.deepEqual(names(), ["In [2]", "In [1]", "In [3]"]);
});
