/*
 * Looks after one visit: the page's kernel id enters, a line of text or a reload leaves.
 *
 * Jupyter's own client reconnects a socket that broke. It does not notice that the kernel is another one, in which
 * none of this page's widgets exist, and it gives up after some minutes. So ask every few seconds whether the kernel
 * is still there, say what is the matter, and load the page again once that helps.
 */
(() => {
  "use strict";

  const EVERY = 3000;
  const LONG_OUTAGE = 30000;

  const address = new URL(window.location.href);
  if (address.searchParams.has("token")) {
    // The cookie has it from here on; the address may be bookmarked, shown or sent.
    address.searchParams.delete("token");
    window.history.replaceState(null, "", address);
  }

  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const kernel = `${config.baseUrl}api/kernels/${config.kernelId}`;
  let notice = null;
  let lostAt = null;
  let timer = 0;

  /** @param {string | null} text what to tell, or nothing */
  function tell(text) {
    if (text === null) {
      notice?.remove();
      notice = null;
      return;
    }
    if (notice === null) {
      notice = document.createElement("div");
      notice.setAttribute("role", "status");
      notice.className = "procwidget-visit";
      notice.style.cssText =
        "position:fixed;inset:0 0 auto 0;z-index:10000;padding:8px 16px;text-align:center;" +
        "font:14px/1.5 system-ui,sans-serif;background:#8a4b00;color:#fff";
      document.body.append(notice);
    }
    notice.textContent = text;
  }

  async function look() {
    window.clearTimeout(timer);
    let status = 0;
    try {
      status = (await fetch(kernel, { cache: "no-store" })).status;
    } catch {
      lostAt ??= Date.now();
    }
    if (status === 0) {
      tell("No connection to the server. Figures stand still; trying again.");
    } else if (status === 404) {
      tell("The dashboard's kernel has ended. Starting a new one.");
      window.location.reload();
      return;
    } else if (status === 403) {
      tell("The server was started anew: open the address that procwidget printed.");
    } else if (lostAt !== null && Date.now() - lostAt > LONG_OUTAGE) {
      window.location.reload();
      return;
    } else {
      lostAt = null;
      tell(null);
    }
    timer = window.setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  timer = window.setTimeout(look, EVERY);
})();
