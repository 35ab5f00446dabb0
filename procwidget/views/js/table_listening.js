/**
 * What a view of the table listens to: keys, new frames, what Python sets, the dashboard around it, and its size.
 */

import { markLost } from "./connection/kernel_loss.js";
import { observePresence } from "./connection/presence.js";
import { followCause } from "./events/cause_buttons.js";
import { ASK_PAUSE, PAUSE, SHARED } from "./head/pause.js";
import { followPython } from "./layout/set_by_python.js";
import { connectApart } from "./ui/apart.js";
import { guardKeys } from "./ui/key_guard.js";
import { listenUnfocused, shortcuts, showHelp } from "./ui/shortcuts.js";
import { MOMENT } from "./ui/past_events.js";
import { announceSlots } from "./ui/slots.js";

/** @import { TableView } from "./table_view.js" */

/**
 * @param {TableView} view
 * @returns {() => void} stops that
 */
export function listenTo(view) {
  const keys = shortcuts({
    search: () => {
      // A compact dashboard has no toolbar until somebody wants to search.
      view.search.element.parentElement?.classList.add("pw-wanted");
      view.search.focus();
    },
    help: () => showHelp(view.el),
    sort: () => view.sortNow(),
  });
  view.el.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && target instanceof Node && view.grid.element.contains(target)) {
      view.details.letGo();
    }
  });
  const stopHearingKeys = listenUnfocused(keys);
  const pause = (/** @type {Event} */ event) => {
    view.paused = /** @type {CustomEvent<{ paused: boolean }>} */ (event).detail.paused;
    view.sayOrder();
    view.want();
  };
  let drawn = -1;
  const moved = (/** @type {Event} */ event) => {
    if (view.paused && /** @type {CustomEvent<{ time: number | null }>} */ (event).detail.time !== null) {
      // Whoever wants to see another moment does not want to see this one any longer.
      view.dashboard.dispatchEvent(new CustomEvent(ASK_PAUSE, { detail: { paused: false } }));
    }
    // Another moment is another table: nothing in it is where it was.
    view.draw(true);
    drawn = view.store.tick;
  };
  const stopFollowing = view.store.follow(() => {
    if (view.watches() && !view.drawing && view.store.tick !== drawn) {
      view.drawing = requestAnimationFrame(() => view.draw());
    }
  });
  const stopFollowingPython = followPython(view.model, {
    filter: (text) => view.search.set(text),
    sort_by: (key) => view.columnsAndSort.setSort(key),
    columns: (keys) => view.columnsAndSort.setColumns(keys),
    paused: (paused) => view.dashboard.dispatchEvent(new CustomEvent(ASK_PAUSE, { detail: { paused } })),
  });
  const judged = () => view.charts.setThresholds(view.model.get("thresholds"));
  view.model.on("change:thresholds", judged);
  const stopFollowingLoss = view.link.follow((why) => markLost(view.dashboard, why));
  let stopActing = () => {};
  let stopGuarding = () => {};
  let disconnect = () => {};
  const stopObserving = observePresence(view.el, {
    placed: (dashboard) => {
      view.dashboard = dashboard;
      announceSlots(dashboard);
      view.charts.attach(dashboard);
      markLost(dashboard, view.link.lost);
      view.paused = dashboard.dataset["paused"] === "true";
      view.sayOrder();
      dashboard.addEventListener("keydown", /** @type {EventListener} */ (keys));
      dashboard.addEventListener(PAUSE, /** @type {EventListener} */ (pause));
      stopActing = followCause(dashboard, view.signals.actions, {
        show: (query) => view.search.set(query),
        end: (identities) => view.signals.end(identities),
      });
      view.past.attach(dashboard);
      dashboard.addEventListener(MOMENT, moved);
      stopGuarding = guardKeys(dashboard);
      if (dashboard === view.el) {
        disconnect = connectApart(dashboard, view.options.name, SHARED);
      }
    },
    seen: (visible) => {
      view.visible = visible;
      view.want();
    },
  });
  const sizes = new ResizeObserver(() => {
    if (view.el.clientWidth > 0) {
      view.details.panel.place.apply();
      view.grid.fit(view.grid.element.clientWidth);
    }
    view.grid.fitHeight();
  });
  sizes.observe(view.el);
  // Its width changes without the view's when details open beside it.
  sizes.observe(view.grid.element);
  sizes.observe(view.grid.scroller);
  return () => {
    stopHearingKeys();
    stopFollowing();
    stopFollowingPython();
    stopFollowingLoss();
    stopObserving();
    stopActing();
    stopGuarding();
    disconnect();
    sizes.disconnect();
    view.model.off("change:thresholds", judged);
    view.dashboard.removeEventListener("keydown", /** @type {EventListener} */ (keys));
    view.dashboard.removeEventListener(MOMENT, moved);
    view.dashboard.removeEventListener(PAUSE, /** @type {EventListener} */ (pause));
  };
}
