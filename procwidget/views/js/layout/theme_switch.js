/**
 * The button that switches between the light and the dark page, or follows the system. Only a served page has it: its
 * server's page sets `procwidgetTheme`. In a notebook the colours are the front end's.
 */

import { button, setAttribute, setText } from "../ui/dom.js";

/** @typedef {{ chosen: string, choose: (theme: string) => void }} PageTheme */

/** @type {[theme: string, sign: string][]} */
const THEMES = [
  ["auto", "◐"],
  ["light", "☀\ufe0e"],
  ["dark", "☾"],
];

/** @returns {HTMLElement | null} null where the page has no themes */
export function themeSwitch() {
  const page = /** @type {{ procwidgetTheme?: PageTheme }} */ (/** @type {unknown} */ (window)).procwidgetTheme;
  if (!page) {
    return null;
  }
  const made = button("", () => {
    const at = THEMES.findIndex(([theme]) => theme === page.chosen);
    page.choose(/** @type {[string, string]} */ (THEMES[(at + 1) % THEMES.length])[0]);
    show();
  });
  const show = () => {
    const [theme, sign] = THEMES.find(([name]) => name === page.chosen) ?? ["auto", "◐"];
    setText(made, sign);
    setAttribute(made, "aria-label", `Theme: ${theme}`);
    setAttribute(made, "title", `Theme: ${theme === "auto" ? "as the system" : theme}`);
  };
  made.classList.add("pw-sign");
  show();
  return made;
}
