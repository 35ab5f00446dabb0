/*
 * Says above the dashboard when server or kernel do not answer, and reloads the page once that helps.
 *
 * Jupyter's own client reconnects a socket that broke. It does not notice that the kernel is another one, in which
 * none of this page's widgets exist, and it gives up after some minutes. So ask every few seconds whether the kernel
 * is still there, say what is the matter, and load the page again once that helps. What happened is said after that
 * too, until somebody has read it; and the table's choices come back (views/js/connection/reload.js).
 */
(() => {
  "use strict";

  const EVERY = 3000;
  const LONGEST_ANSWER = 10000;
  const LONGEST_START = 15000;
  const LONG_OUTAGE = 30000;
  const FIRST_RELOAD = 120000;
  const LAST_RELOAD = 30 * 60000;

  const NO_SERVER = "No connection to the server. Figures stand still; trying again.";
  const NO_KERNEL = "The dashboard's kernel has ended. Starting a new one.";
  const NO_ENTRY = "The server was started anew: open the address that procwidget printed.";
  const NO_FIGURES = "The dashboard's kernel has not answered yet. Waiting for it.";
  const NO_WEBSOCKET =
    "The server answers, but opens no WebSocket, through which figures come. " +
    "Trying again. If a proxy is before the server, it may not pass WebSockets on.";

  const address = new URL(window.location.href);
  if (address.searchParams.has("token")) {
    // The cookie has it from here on; the address may be bookmarked, shown or sent.
    address.searchParams.delete("token");
    window.history.replaceState(null, "", address);
  }

  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const kernel = `${config.baseUrl}api/kernels/${config.kernelId}`;
  const drawer = `procwidget ${config.baseUrl}`;
  let kept = JSON.parse(window.sessionStorage.getItem(drawer)) ?? { happened: null, unknown: [], choices: null };
  kept.reloads ??= 0;
  let lostAt = null;
  let waitsSince = Infinity;
  let looking = false;
  let timer = 0;

  const bar = document.querySelector(".procwidget-visit");
  const [trouble, news] = bar.querySelectorAll("[role=status]");
  document.body.prepend(bar);
  // The dashboard is laid out by a script, which learns of less room only so.
  new ResizeObserver(() => window.dispatchEvent(new Event("resize"))).observe(bar);
  bar.querySelector("button").addEventListener("click", () => keep({ ...kept, happened: null, unknown: [] }));
  keep(kept);

  /** Say what is the matter; what is there already is not to be spoken again. */
  function tell(text) {
    if (trouble.textContent !== text) trouble.textContent = text;
  }

  /** Keep for after a reload, and show what is to be read of it. */
  function keep(all) {
    kept = all;
    window.sessionStorage.setItem(drawer, JSON.stringify(kept));
    news.textContent = [kept.happened, ...kept.unknown].filter(Boolean).join("\n");
    news.parentElement.hidden = news.textContent === "";
  }

  /** Load the page again, which is then to say what happened. */
  function reload(happened) {
    const detail = { ...kept, happened };
    document.dispatchEvent(new CustomEvent("procwidget-leave", { detail }));
    window.sessionStorage.setItem(drawer, JSON.stringify(detail));
    window.location.reload();
  }

  const clock = (moment) => new Date(moment).toTimeString().slice(0, 8);

  /** Whether a reading has come: the state of a cluster, or some of so many processes are shown, or none of them. */
  const hasFigures = () =>
    document.querySelector(".pw-fleet[data-level]") !== null ||
    /[1-9]/.test(document.querySelector(".pw-count")?.textContent ?? "");

  async function look() {
    if (looking) return;
    looking = true;
    window.clearTimeout(timer);
    let status = 0;
    try {
      // A server that hangs takes connections and does not answer.
      const signal = AbortSignal.timeout(LONGEST_ANSWER);
      status = (await fetch(kernel, { cache: "no-store", signal })).status;
    } catch {
      // Nobody answered.
    }
    const now = Date.now();
    const away = lostAt && `From ${clock(lostAt)} to ${clock(now)} the server did not answer`;
    if (status === 0 || status >= 500) {
      // A proxy answers in the place of a server that is gone.
      lostAt ??= now;
      tell(NO_SERVER);
    } else if (status === 404) {
      tell(NO_KERNEL);
      const ended = away ? `${away}, and its kernel had ended` : `By ${clock(now)} the dashboard's kernel had ended`;
      reload(`${ended}: a new one was started, and the charts begin anew.`);
      return; // To ask for the page a second time would break off the first.
    } else if (status === 403) {
      tell(NO_ENTRY);
    } else if ((lostAt && now - lostAt > LONG_OUTAGE) || document.querySelector("[data-lost]")) {
      // Jupyter's client has given up, as it does also when a proxy answers it for the server.
      reload(`${away ?? `By ${clock(now)} the connection to the kernel was lost`}; the page was loaded again.`);
      return;
    } else {
      lostAt = null;
      // start.js says how far it has come.
      const { isOpen = false, failed = false, stuck = false } = window.procwidgetLine ?? {};
      if (hasFigures() && !stuck) {
        waitsSince = Infinity;
        if (kept.reloads) keep({ ...kept, reloads: 0 });
      } else if (waitsSince === Infinity) {
        waitsSince = now;
      }
      const patience = Math.min(FIRST_RELOAD * 2 ** kept.reloads, LAST_RELOAD);
      if (now - waitsSince > patience && !document.hidden) {
        keep({ ...kept, reloads: kept.reloads + 1 });
        reload(kept.happened);
        return;
      }
      tell(hasFigures() || now - waitsSince < LONGEST_START ? "" : failed && !isOpen ? NO_WEBSOCKET : NO_FIGURES);
    }
    looking = false;
    timer = window.setTimeout(look, EVERY);
  }

  window.addEventListener("load", () => {
    waitsSince = Date.now();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    // Nothing comes to a page that nobody sees.
    if (waitsSince < Infinity) waitsSince = Date.now();
    look();
  });
  document.addEventListener("procwidget-return", ({ detail }) => {
    Object.assign(detail, kept.choices);
    keep({ ...kept, choices: null });
  });
  timer = window.setTimeout(look, EVERY);
})();
