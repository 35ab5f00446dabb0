/**
 * Passes events on between parts of one dashboard that a front end shows apart, without an element around them all, as
 * marimo does. Marks on the element that sent an event go with it: a part may look at these later.
 */

/** Said on the document. */
const ELSEWHERE = "procwidget-elsewhere";

const MARKS = ["paused", "past"];

/** Events that came from another part, so that they do not go back. @type {WeakSet<Event>} */
const passedOn = new WeakSet();

/**
 * @typedef {object} Sent
 * @property {string} name of the dashboard
 * @property {HTMLElement} from
 * @property {string} type
 * @property {unknown} detail
 *
 * @param {HTMLElement} part stands alone
 * @param {string | undefined} name of its dashboard
 * @param {readonly string[]} types of the events
 * @returns {() => void} ends that
 */
export function connectApart(part, name, types) {
  const send = (/** @type {Event} */ event) => {
    if (name && !passedOn.has(event)) {
      const { type, detail } = /** @type {CustomEvent} */ (event);
      document.dispatchEvent(new CustomEvent(ELSEWHERE, { detail: { name, from: part, type, detail } }));
    }
  };
  const take = (/** @type {Event} */ event) => {
    const sent = /** @type {CustomEvent<Sent>} */ (event).detail;
    if (sent.name !== name || sent.from === part) {
      return;
    }
    for (const mark of MARKS) {
      const value = sent.from.dataset[mark];
      if (value === undefined) {
        delete part.dataset[mark];
      } else {
        part.dataset[mark] = value;
      }
    }
    const same = new CustomEvent(sent.type, { bubbles: true, detail: sent.detail });
    passedOn.add(same);
    part.dispatchEvent(same);
  };
  types.forEach((type) => part.addEventListener(type, send));
  document.addEventListener(ELSEWHERE, take);
  return () => {
    types.forEach((type) => part.removeEventListener(type, send));
    document.removeEventListener(ELSEWHERE, take);
  };
}
