/** The style sheets: a page that is watched all day does nothing between two readings. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const FOLDER = new URL("../../procwidget/views/js/styles/", import.meta.url);

test("nothing is animated: each frame of it would cost more than a reading", () => {
  const sheets = readdirSync(FOLDER);
  assert.ok(sheets.includes("details.css") && sheets.includes("meters.css"));
  for (const sheet of sheets) {
    const rules = readFileSync(new URL(sheet, FOLDER), "utf8").replace(/\/\*.*?\*\//gs, "");
    assert.doesNotMatch(rules, /@keyframes|\b(animation|transition)(-[a-z]+)?\s*:|backdrop-filter/, sheet);
  }
});
