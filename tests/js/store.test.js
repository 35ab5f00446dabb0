/** Frames and the store: whatever sequence of frames comes, the rows are those of the newest sample. */

import assert from "node:assert/strict";
import test from "node:test";
import { decode } from "../../procwidget/views/js/rows/frame.js";
import { Store } from "../../procwidget/views/js/rows/store.js";
import { valueOf } from "../../procwidget/views/js/search/comparison.js";
import { statusLevel } from "../../procwidget/views/js/table/levels.js";
import { chance, frame, row, THRESHOLDS } from "./rows.js";

/** @param {import("../../procwidget/views/js/types.js").Row} one */
const told = ({ key, pid, name, cpu, memory, threads, status }) => ({ key, pid, name, cpu, memory, threads, status });

test("a frame's values arrive as they were sent, unknown as null", () => {
  const store = new Store();
  const known = row({ key: 1, cpu: 12.5, memory: 3.25, threads: 7, status: "zombie" });
  const unknown = row({ key: 2, cpu: null, memory: null, cpu_time: null, threads: null, status: null });
  assert.equal(store.apply(...frame({ seq: 1, whole: true }, [known, unknown])), true);
  assert.deepEqual([...store.rows.values()].map(told), [known, unknown].map(told));
});

test("random starts, changes and ends leave exactly the newest sample's rows", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = chance(seed);
    const store = new Store();
    let next = 1;
    /** @type {ReturnType<typeof row>[]} */
    let sample = [];
    for (let seq = 1; seq <= 20; seq++) {
      const gone = sample.filter(() => random() < 0.1);
      const kept = sample.filter((one) => !gone.includes(one));
      const changed = kept
        .filter(() => random() < 0.4)
        .map((one) => Object.assign(one, { cpu: Math.fround(random() * 90) }));
      const fresh = Array.from({ length: Math.floor(random() * 5) }, () => row({ key: next++, name: `p${next}` }));
      sample = [...kept, ...fresh];
      const whole = seq === 1 || random() < 0.1;
      const content = whole
        ? frame({ seq, whole }, sample)
        : frame({ seq, gone: gone.map(({ key }) => key) }, [...changed, ...fresh], fresh);
      assert.equal(store.apply(...content), true);
      assert.deepEqual(
        [...store.rows.values()].map(told).sort((a, b) => a.key - b.key),
        sample.map(told),
      );
    }
  }
});

test("a row stays the same object, also over a whole frame, and says when it ended", () => {
  const store = new Store();
  store.apply(...frame({ seq: 1, whole: true }, [row({ key: 1 }), row({ key: 2 }), row({ key: 3 })]));
  const [first, second, third] = [1, 2, 3].map((key) => store.rows.get(key));
  store.apply(...frame({ seq: 2, gone: [2] }, []));
  store.apply(...frame({ seq: 3, whole: true }, [row({ key: 1, name: "renamed" })]));
  assert.equal(store.rows.get(1), first);
  assert.deepEqual([first?.name, first?.ended, second?.ended, third?.ended], ["renamed", false, true, true]);
});

test("a frame that speaks of an unknown row, or whose block is cut, does not fit", () => {
  const store = new Store();
  assert.equal(store.apply(...frame({ seq: 1 }, [row({ key: 9 })], [])), false);
  const [content, block] = frame({ seq: 2 }, [row({ key: 1 })]);
  assert.equal(store.apply(content, new DataView(block.buffer, 3, 20)), false);
  assert.equal(store.apply(content, undefined), false);
  assert.equal(decode({ ...content, columns: [["key", "f8"]] }, new DataView(new ArrayBuffer(4))), null);
});

test("an empty frame needs no block", () => {
  const store = new Store();
  const [content] = frame({ seq: 1, whole: true }, []);
  assert.equal(store.apply(content, undefined), true);
  assert.equal(store.rows.size, 0);
});

test("disk sleep counts from when it began, and anew after any CPU time", () => {
  const store = new Store();
  const stuck = row({ key: 1, status: "disk-sleep", cpu_time: 5 });
  store.apply(...frame({ seq: 1, whole: true, time: 100 }, [stuck]));
  store.apply(...frame({ seq: 2, time: 104 }, [stuck], []));
  assert.equal(store.rows.get(1)?.since, 100);
  store.apply(...frame({ seq: 3, time: 108 }, [{ ...stuck, cpu_time: 6 }], []));
  assert.equal(store.rows.get(1)?.since, 108);
});

test("what hung before this page was opened counts from when the kernel saw it first", () => {
  const store = new Store();
  const stopped = row({ key: 1, status: "stopped", since: 0 });
  const since = () => store.rows.get(1)?.since;
  store.apply(...frame({ seq: 1, whole: true, time: 5000, since: [[1, 1400]] }, [stopped]));
  assert.equal(since(), 1400);
  const scene = { time: store.time, memoryTotal: null, thresholds: THRESHOLDS };
  assert.equal(statusLevel(/** @type {any} */ (store.rows.get(1)), scene), "warning");
  store.apply(...frame({ seq: 2, time: 5002 }, [{ ...stopped, cpu: 1 }], []));
  assert.equal(since(), 1400);
  store.apply(...frame({ seq: 3, time: 5004 }, [{ ...stopped, status: "running" }], []));
  assert.equal(since(), 5004);
  store.apply(
    ...frame(
      {
        seq: 4,
        time: 5006,
        since: [
          [1, 1400],
          [9, 1],
        ],
      },
      [stopped],
      [],
    ),
  );
  assert.equal(since(), 1400);
});

test("names cannot reach any prototype", () => {
  const store = new Store();
  store.apply(...frame({ seq: 1, whole: true }, [row({ key: 1, name: "__proto__", command: "constructor" })]));
  assert.equal(store.rows.get(1)?.name, "__proto__");
  assert.equal(Reflect.get({}, "name"), undefined);
});

test("what is read on demand comes with its columns and goes with them", () => {
  const store = new Store();
  const [one] = [row({ key: 1, user_time: 1.5 })];
  const shown = () => [...store.rows.values()].map((it) => valueOf(it, "user_time"));
  store.apply(...frame({ seq: 1, whole: true }, [one], [one], ["user_time"]));
  assert.deepEqual(shown(), [1.5]);
  store.apply(...frame({ seq: 2, whole: true }, [one]));
  assert.deepEqual(shown(), [null]);
});
