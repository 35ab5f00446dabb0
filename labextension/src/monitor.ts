/** Opens the process monitor: a console of its own, of which only what its one cell shows is seen. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ConsolePanel, IConsoleTracker } from "@jupyterlab/console";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import type { Widget } from "@lumino/widgets";

import { monitorIcon } from "./icon";
import type { Poll } from "./poll";
import { askState } from "./answers";

/** What the session is called and where: whoever opens it again finds the same one. */
const NAME = "Process monitor";
const PATH = "process-monitor";

export class MonitorOpener {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _consoles: IConsoleTracker,
    private readonly _poll: Poll,
  ) {
    // Also those that come back when the page is loaded anew, and in Notebook the one of the tab that was opened.
    _consoles.widgetAdded.connect((_, panel) => {
      if (panel.sessionContext.path === PATH) {
        void this._show(panel);
      }
    });
  }

  async open(): Promise<void> {
    const already = this._consoles.find((panel) => panel.sessionContext.path === PATH);
    if (already) {
      this._app.shell.activateById(already.id);
      return;
    }
    const notebook7 = PageConfig.getOption("notebookPage") !== "";
    // Now, while the browser still allows it: a tab that is opened later is taken for an advertisement.
    const tab = notebook7 ? window.open("", "_blank") : null;
    const { sessions, kernelspecs } = this._app.serviceManager;
    await Promise.all([sessions.ready, kernelspecs.ready]);
    if (!(await sessions.findByPath(PATH))) {
      const connection = await sessions.startNew({
        path: PATH,
        name: NAME,
        type: "console",
        kernel: { name: kernelspecs.specs?.default },
      });
      connection.dispose();
    }
    if (tab) {
      tab.location.href = URLExt.join(PageConfig.getBaseUrl(), "consoles", PATH);
      return;
    }
    await this._app.commands.execute("console:create", {
      path: PATH,
      name: NAME,
      // By name: the tab comes back also when its server was started anew, and asks nobody for a kernel then.
      kernelPreference: { name: kernelspecs.specs?.default, shutdownOnDispose: true },
      preventTitleUpdate: true,
    });
  }

  private async _show(panel: ConsolePanel): Promise<void> {
    panel.addClass("procwidget-Monitor");
    panel.title.icon = monitorIcon;
    panel.title.label = NAME;
    panel.title.caption = NAME;
    panel.toolbar.hide();
    for (const part of parts(panel.console)) {
      part.setHidden(part.hasClass("jp-CodeConsole-input"));
    }
    await panel.sessionContext.ready;
    const { dashboard } = this._poll.state ?? (await askState(null));
    await panel.console.inject(dashboard);
  }
}

/** The parts of a widget, and those of its parts: where a console's input stands differs between releases. */
function parts(widget: Widget): Widget[] {
  return [...widget.children()].flatMap((part) => [part, ...part.children()]);
}
