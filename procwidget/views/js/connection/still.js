/**
 * Hides the still, the small table that stands below a dashboard for when no kernel runs, while a view shows figures of
 * a kernel. It is a style sheet for the whole page: the still may come after the view, and comes anew now and then.
 * JupyterLab hides it sooner, by the still's own style sheet (views/static_fallback.py).
 */

/**
 * @param {string | undefined} name the dashboard's
 * @param {{ time: number, follow: (changed: () => void) => () => void }} store
 * @returns {() => void} shows it again
 */
export function hideStill(name, store) {
  const style = document.createElement("style");
  const hide = () => {
    if (name && store.time > 0 && !style.isConnected) {
      style.textContent = `.procwidget-fallback-${CSS.escape(name)} { display: none; }`;
      document.head.append(style);
    }
  };
  hide();
  const stopFollowing = store.follow(hide);
  return () => {
    stopFollowing();
    style.remove();
  };
}
