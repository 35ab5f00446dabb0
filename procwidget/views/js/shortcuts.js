/**
 * Keys that work anywhere in the dashboard enter: "/" goes to the search, "?" lists the keys. Where one types, they are
 * typed.
 */

const TYPING = 'input:not([type="checkbox"]), select, textarea, dialog';

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
