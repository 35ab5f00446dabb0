/** What this browser keeps from one visit to the next, for one server. */

/** Where this browser keeps what belongs to this server; null where it keeps nothing. @returns {Storage | null} */
export function storage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * The name under which something is kept for this server. Several can share an origin, behind a proxy or a hub.
 * @param {string} what
 */
export function storageKey(what) {
  let base = "/";
  try {
    base = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "").baseUrl ?? base;
  } catch {
    // No page of Jupyter's.
  }
  return `procwidget-${what}:${base}`;
}
