/** Which notebook is in front, and what the notebooks are called whose kernels run. */

import type { INotebookTracker } from "@jupyterlab/notebook";
import type { Session } from "@jupyterlab/services";
import { ISignal, Signal } from "@lumino/signaling";

/** The notebook in front: the id of its kernel, and its name. */
export class CurrentNotebook {
  private readonly _changed = new Signal<this, void>(this);

  constructor(private readonly _tracker: INotebookTracker | null) {
    _tracker?.currentChanged.connect(() => this._changed.emit());
  }

  /** Another one is in front. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get kernel(): string | undefined {
    return this._tracker?.currentWidget?.sessionContext.session?.kernel?.id;
  }

  get name(): string {
    return this._tracker?.currentWidget?.title.label ?? "";
  }
}

/** Return what each running kernel's notebook or console is called, by the kernel's id. */
export function namesOfKernels(sessions: Session.IManager): Map<string, string> {
  const names = new Map<string, string>();
  for (const session of sessions.running()) {
    if (session.kernel && !names.has(session.kernel.id)) {
      names.set(session.kernel.id, session.name || session.path);
    }
  }
  return names;
}
