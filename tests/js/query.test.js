/** The search language: the table of cases that Python is held to as well, and what is marked where. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { pieces } from "../../procwidget/views/js/table/search_matches.js";
import { Mistake, parse } from "../../procwidget/views/js/search/query.js";
import { row } from "./rows.js";

const { now, processes, lookups, cases } = JSON.parse(
  await readFile(new URL("../query_cases.json", import.meta.url), { encoding: "utf8" }),
);

/** @type {import("../../procwidget/views/js/types.js").Row[]} */
const rows = processes.map((/** @type {any} */ process) => row({ key: process.pid, ...process }));

test("every case of the table that both implementations share", () => {
  assert.ok(cases.length > 300);
  for (const { query: text, pids, error } of cases) {
    if (error) {
      // The table counts code points, strings here count UTF-16 code units.
      const count = (/** @type {number} */ place) => [...text.slice(0, place)].length;
      assert.throws(
        () => parse(text),
        (/** @type {any} */ mistake) => {
          const { message, start, end } = mistake;
          assert.deepEqual({ start: count(start), end: count(end), text: message }, error, text);
          return mistake instanceof Mistake;
        },
      );
    } else {
      const query = parse(text);
      query.lookups.forEach((one) => (one.found = new Set(lookups[`${one.kind}:${one.value}`])));
      const found = rows.filter((one) => query.matches(one, now)).map(({ pid }) => pid);
      assert.deepEqual(found, pids, text);
    }
  }
});

test("nothing typed is known as such, anything else is not", () => {
  assert.equal(parse("  ").all, true);
  assert.equal(parse('""').all, false);
});

test("words are marked wherever they match, comparisons of text in their column, what is ruled out nowhere", () => {
  const { highlights } = parse('Py user=ANA not (bash or not deep) cpu>5 name!~x ""');
  assert.deepEqual(highlights, {
    name: ["py", "deep"],
    command: ["py", "deep"],
    user: ["py", "ana", "deep"],
    pid: ["py", "deep"],
  });
});

test("a text in pieces is the same text; what matches is in those at odd places", () => {
  assert.deepEqual(pieces("Python python", ["py", "yth"]), ["", "Pyth", "on ", "pyth", "on"]);
  assert.deepEqual(pieces("ΟΔΟΣ", ["οσ"]), ["ΟΔ", "ΟΣ"]);
  // This letter's lower case is longer than itself.
  assert.deepEqual(pieces("İİab", ["a"]), ["İİ", "a", "b"]);
  assert.deepEqual(pieces("bash", ["x"]), ["bash"]);
});
