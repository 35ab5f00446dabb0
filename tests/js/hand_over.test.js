/** The page's models are handed over to the widget manager's, whose messages come earlier or later: each is taken once. */

import assert from "node:assert/strict";
import test from "node:test";
import { HandOver } from "../../procwidget/server/static/hand_over.js";

/**
 * A page and its manager, each with a WebSocket of its own over which the same messages come.
 * @param {number} count of the messages
 */
function handing(count) {
  const hand = new HandOver();
  /** @type {string[]} */
  const taken = [];
  let adopted = false;
  const messages = Array.from({ length: count }, (_, at) => String(at));
  const [page, manager] = [messages[Symbol.iterator](), messages[Symbol.iterator]()];
  return {
    taken,
    messages,
    begin: () => void hand.happen(() => (adopted = true)),
    isOver: () => adopted,
    page: () => {
      const { value, done } = page.next();
      if (!done && !adopted && hand.overPage(value)) taken.push(value);
    },
    manager: (/** @type {boolean} */ asked) => {
      const { value, done } = manager.next();
      // What comes before it is asked to has nobody to hear it.
      if (!done && asked) hand.overManager(value, () => taken.push(value));
    },
  };
}

test("in any order of the two, nothing is lost, nothing comes twice and nothing comes early", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let state = 7;
  const below = (/** @type {number} */ most) => (state = (state * 48271) % 2147483647) % most;
  for (let round = 0; round < 2000; round++) {
    const { taken, messages, begin, page, manager, isOver } = handing(12);
    const [asked, lead] = [below(12), below(10)];
    let [ofPage, ofManager] = [0, 0];
    let begun = false;
    while (ofPage < 12 || ofManager < 12) {
      if (!begun && Math.max(ofPage, ofManager) >= asked) {
        begin();
        begun = true;
      }
      if (ofManager === 12 || (ofPage < 12 && below(10) < lead)) {
        page();
        ofPage++;
      } else {
        manager(begun);
        ofManager++;
      }
    }
    if (!isOver()) context.mock.timers.tick(3000);
    assert.deepEqual(taken, messages, `round ${round}`);
  }
});

test("where the page's WebSocket is broken, it happens after a while", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { taken, messages, begin, manager, isOver } = handing(3);
  begin();
  messages.forEach(() => manager(true));
  assert.deepEqual(taken, []);
  context.mock.timers.tick(3000);
  assert.ok(isOver());
  assert.deepEqual(taken, messages);
});
