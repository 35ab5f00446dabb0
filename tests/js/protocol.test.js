/** The messages: what the browser builds and reads is what docs/protocol.md says. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { FIELDS } from "../../procwidget/views/js/fields.generated.js";
import * as past from "../../procwidget/views/js/connection/past_messages.js";
import * as protocol from "../../procwidget/views/js/connection/protocol.js";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** @type {import("../../procwidget/views/js/connection/answers.js").Question} */
const question = {
  result: "question",
  nonce: "n",
  expires: 10,
  patience: 5,
  signal: "SIGTERM",
  targets: [
    { pid: 2, name: "b", identity: "2-20" },
    { pid: 1, name: "a", identity: "1-10" },
  ],
  refusals: [],
};

const built = [
  protocol.watch(true),
  protocol.wantFields(["priority"], ["1-10"]),
  protocol.openPanels(["cpu"]),
  protocol.acknowledge(7),
  protocol.requestWhole(),
  protocol.select(["1-10"]),
  protocol.shows({ sort: [["cpu", true]], filter: "", columns: ["pid"], kernel_threads: true }),
  protocol.ask(["1-10"], "SIGTERM"),
  protocol.confirm(question),
  protocol.cancel(question),
  protocol.details("1-10", true),
  protocol.reveal("1-10"),
  protocol.opened("1-10"),
  protocol.holders([{ kind: "port", value: "8888" }]),
  protocol.tell("1-10", true),
  protocol.keep({ kind: "tree" }),
  protocol.stack("1-10"),
  past.momentOf("10:32", -1, ["disks"]),
  past.intervalOf(1000, "5m"),
  past.compare(1000, [1100, 1200]),
  past.pastCharts(1000),
  past.overview(1000),
  past.pastDetails("1-10", 1000),
  protocol.chooseInterval(2),
  protocol.requestEvents(),
  protocol.setThresholds({ hold: 5 }),
  protocol.expect({ kind: "cpu", about: "" }, true, null),
  protocol.wantNotices(),
];

test("every message that the browser can build is in docs/protocol.md with its fields, and no other is there", () => {
  const sent = page.slice(page.indexOf("## From the browser: the table"), page.indexOf("## From the kernel"));
  const described = [...sent.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, type, fields = ""]) => ({
    type,
    fields: [...fields.replace(/`[A-Z]\w+`|`renice N`/g, "").matchAll(/`(\w+)`/g)].map(([, field]) => field).sort(),
  }));
  const names = built.map(({ type, ...fields }) => ({ type, fields: Object.keys(fields).sort() }));
  const byType = (/** @type {{ type: string | undefined }} */ a, /** @type {{ type: string | undefined }} */ b) =>
    String(a.type).localeCompare(String(b.type));
  assert.deepEqual(names.sort(byType), described.sort(byType));
});

test("every type and field that the browser sends has its name in the kernel's half too", () => {
  const folder = new URL("../../procwidget/views/", import.meta.url);
  const modules = readdirSync(folder).filter((name) => name.endsWith(".py"));
  const python = modules.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const words = built.flatMap(({ type, ...fields }) => [type, ...Object.keys(fields)]);
  const unread = [...new Set(words)].filter((word) => !python.includes(`"${word}"`));
  assert.deepEqual(unread, []);
});

test("a question is confirmed with its own nonce, signal and targets in their order", () => {
  const expected = { type: "confirm", nonce: "n", signal: "SIGTERM", identities: ["2-20", "1-10"] };
  assert.deepEqual(protocol.confirm(question), expected);
});

test("frames, answers and refusals are told apart, and anything else is none of ours", () => {
  const frame = { type: "frame", seq: 1 };
  assert.deepEqual(protocol.parse(frame), { type: "frame", frame });
  const answer = { type: "answer", request: "r", result: "refused", refusals: ["no"] };
  assert.deepEqual(protocol.parse(answer), { type: "answer", request: "r", answer });
  assert.deepEqual(protocol.parse({ type: "refused", text: "no" }), { type: "refused", text: "no" });
  assert.deepEqual(protocol.parse({ type: "notice", text: "CPU" }), { type: "notice", text: "CPU" });
  for (const other of [undefined, null, "frame", 3, [], {}, { type: "watch" }]) {
    assert.equal(protocol.parse(other), null);
  }
});

test("the columns of a frame's buffer are documented as the kernel sends them", () => {
  const often = FIELDS.filter((field) => field.number !== "" && !field.on_demand);
  const numbers = often.filter(({ kind }) => kind.name !== "text");
  const order = [
    ...numbers.filter(({ number }) => number === "f"),
    ...numbers.filter(({ number }) => number === "i"),
    ...often.filter(({ kind }) => kind.name === "text"),
  ];
  const sent = ["key u4", ...order.map(({ key, number }) => `${key} ${number}4`)];
  const [, row = ""] = /^\| `columns` \|[^|]*\|([^|]*)\|/m.exec(page) ?? [];
  const described = [...row.matchAll(/`(\w+)` `(\w+)`/g)].map(([, name, type]) => `${name} ${type}`);
  assert.ok(sent.length > 0);
  assert.deepEqual(described.slice(0, sent.length), sent);
});
