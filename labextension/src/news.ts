/** Notifications: what the machine has come to be short of, and why a kernel died. */

import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";

import { Alert, askDeaths, HostState, Refusal } from "./answers";
import type { Poll } from "./poll";

const SEEN = "procwidget:deaths-seen";
/** Seconds for which a death is news to a browser that has not seen any. */
const FRESH = 300;
const SHOWN_FOR = 10_000;
/** Characters that JupyterLab shows of a notification. */
const SHOWN = 140;

/** Follows the poll, and says what is new in it. It asks nothing of its own but how a kernel ended that is gone. */
export class News {
  enabled = true;
  private _known: Map<string, Alert> | null = null;
  private _kernels = new Map<string, number>();
  private _askDeaths = 1;

  constructor(private readonly _poll: Poll) {
    _poll.changed.connect(this._read, this);
    document.addEventListener("visibilitychange", () => (this._askDeaths ||= 1));
  }

  private _read(): void {
    const state = this._poll.state;
    if (!state || this._poll.problem) {
      return;
    }
    this._readAlerts(state);
    const kernels = new Map(state.kernels.map((kernel) => [kernel.id, kernel.pid]));
    if ([...this._kernels].some(([id, pid]) => kernels.get(id) !== pid)) {
      // The server notices the end some seconds after it: so the next readings ask too.
      this._askDeaths = 4;
    }
    this._kernels = kernels;
    if (this._askDeaths > 0) {
      this._askDeaths -= 1;
      void this._readDeaths();
    }
  }

  private _readAlerts(state: HostState): void {
    const now = new Map(state.alerts.map((alert) => [`${alert.kind} ${alert.about}`, alert]));
    // What is so at the first look stands in the status bar.
    for (const [key, alert] of this._known ? now : []) {
      const before = this._known?.get(key);
      if (this.enabled && alert.level !== before?.level && (!before || alert.level === "critical")) {
        tell(alert.text, alert.level === "critical" ? "error" : "warning", SHOWN_FOR);
      }
    }
    this._known = now;
  }

  private async _readDeaths(): Promise<void> {
    let deaths;
    try {
      deaths = await askDeaths();
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) {
        this._askDeaths = -Infinity;
      }
      return;
    }
    // Another page of this browser may have told it already.
    const seen = Number(localStorage.getItem(SEEN)) || Date.now() / 1000 - FRESH;
    for (const death of deaths.filter((death) => death.time > seen)) {
      localStorage.setItem(SEEN, String(death.time));
      if (this.enabled) {
        tell(death.text, "error", false);
      }
    }
  }
}

/** Show a notification; of one that is longer than JupyterLab shows, the whole text is a click away. */
function tell(text: string, type: "error" | "warning", autoClose: number | false): void {
  const whole = { title: "Process monitor", body: text, buttons: [Dialog.okButton()] };
  const more = { label: "Read on", callback: () => void showDialog(whole) };
  Notification.emit(text, type, { autoClose, actions: text.length > SHOWN ? [more] : [] });
}
