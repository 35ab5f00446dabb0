/**
 * Tells a view which dashboard it is in, once it is on the page, and whether anybody can see that dashboard: not in a
 * hidden tab, not scrolled away, not removed. Both widgets use it.
 */

/** The dashboard's class, as Python gives it. */
const DASHBOARD = ".procwidget";

/**
 * The dashboard around an element, or the element itself where it stands alone.
 * @param {HTMLElement} element
 * @returns {HTMLElement}
 */
function dashboardOf(element) {
  return element.closest(DASHBOARD) ?? element;
}

/**
 * @param {HTMLElement} element
 * @param {{ placed: (dashboard: HTMLElement) => void, seen: (visible: boolean) => void }} on `placed` once, then `seen`
 *   at once and at every change
 * @returns {() => void} stops that
 */
export function observePresence(element, on) {
  let near = false;
  let told = /** @type {boolean | null} */ (null);
  const tell = () => {
    const visible = near && document.visibilityState === "visible";
    if (visible !== told) {
      told = visible;
      on.seen(visible);
    }
  };
  const seeing = new IntersectionObserver(
    (entries) => {
      near = entries[entries.length - 1]?.isIntersecting ?? near;
      tell();
    },
    { rootMargin: "100px" },
  );
  // An element gets a size when it is put on a page, however its parents were built.
  const placing = new ResizeObserver(() => {
    if (element.isConnected) {
      placing.disconnect();
      const dashboard = dashboardOf(element);
      on.placed(dashboard);
      seeing.observe(dashboard);
    }
  });
  placing.observe(element);
  document.addEventListener("visibilitychange", tell);
  return () => {
    placing.disconnect();
    seeing.disconnect();
    document.removeEventListener("visibilitychange", tell);
  };
}
