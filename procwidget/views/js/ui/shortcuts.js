/**
 * Keys that work anywhere in the dashboard, and where nothing has the focus, enter: "/" goes to the search, "?" lists the
 * keys. Where one types, they are typed.
 */

const TYPING = 'input:not([type="checkbox"]), textarea, dialog';

/**
 * @param {{ search: () => void, help: () => void }} on
 * @returns {(event: KeyboardEvent) => void} a listener
 */
export function shortcuts(on) {
  return (event) => {
    const typing = event.target instanceof Element && event.target.closest(TYPING);
    const act = { "/": on.search, "?": on.help }[event.key];
    if (act && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      act();
    }
  };
}

/**
 * Call `listener` with keys that go to no element, as on a page that was just opened; returns a function that ends that.
 * @param {(event: KeyboardEvent) => void} listener
 */
export function listenUnfocused(listener) {
  const hear = (/** @type {KeyboardEvent} */ event) => {
    if (event.target === document.body) {
      listener(event);
    }
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}
