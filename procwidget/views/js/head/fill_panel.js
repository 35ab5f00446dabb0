/**
 * Gives a dashboard the height of the panel that it is in: JupyterLab's "Create New View for Output" shows an output in
 * a panel of its own. In a notebook a dashboard is as high as its rows.
 */

const PANEL = ".jp-LinkedOutputView";

/** Pixels that stay free below it. */
const MARGIN = 4;

/** Pixels below which the panel scrolls instead. */
const LEAST = 270;

/**
 * @param {HTMLElement} dashboard
 * @returns {() => void} stops that
 */
export function fillPanel(dashboard) {
  const panel = dashboard.closest(PANEL);
  if (!panel) {
    return () => {};
  }
  const fit = () => {
    const above = dashboard.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
    dashboard.style.height = `${Math.max(LEAST, panel.clientHeight - above - MARGIN)}px`;
  };
  dashboard.classList.add("pw-fill");
  const sizes = new ResizeObserver(fit);
  sizes.observe(panel);
  fit();
  return () => {
    sizes.disconnect();
    dashboard.classList.remove("pw-fill");
    dashboard.style.height = "";
  };
}
