/** The toolbar: where there is little room the panels' line is behind a button. */

import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { fold, panelLine } from "../../procwidget/views/js/layout/toolbar.js";

test("the button says whether the panels' line is shown, and which element that is", () => {
  const line = panelLine(document.createElement("div"), document.createElement("select"));
  const made = fold(line);
  const said = () => [made.getAttribute("aria-expanded"), line.classList.contains("pw-unfolded")];
  assert.equal(made.getAttribute("aria-controls"), line.id);
  assert.ok(line.id);
  assert.deepEqual(said(), ["false", false]);
  made.click();
  assert.deepEqual(said(), ["true", true]);
  made.click();
  assert.deepEqual(said(), ["false", false]);
});
