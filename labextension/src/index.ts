/** The plugins of procwidget in JupyterLab and Notebook. */

import { ILabShell, JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";

import { monitorIcon } from "./icon";
import { MonitorOpener } from "./monitor";
import { News } from "./news";
import { CurrentNotebook } from "./notebooks";
import { MonitorPanel } from "./panel";
import { Poll } from "./poll";
import { StatusLine } from "./status_line";

const ID = "procwidget:plugin";
const OPEN = "procwidget:open";
const SHOW_PANEL = "procwidget:show-panel";
const CATEGORY = "Process monitor";

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "How the machine is: a line in the status bar, a side panel, notifications, and the process monitor.",
  autoStart: true,
  requires: [IConsoleTracker],
  optional: [INotebookTracker, IStatusBar, ICommandPalette, ILauncher, ISettingRegistry, ILabShell],
  activate,
};

function activate(
  app: JupyterFrontEnd,
  consoles: IConsoleTracker,
  notebooks: INotebookTracker | null,
  statusBar: IStatusBar | null,
  palette: ICommandPalette | null,
  launcher: ILauncher | null,
  settings: ISettingRegistry | null,
  labShell: ILabShell | null,
): void {
  const poll = new Poll();
  const current = new CurrentNotebook(notebooks);
  const opener = new MonitorOpener(app, consoles, poll);
  const open = () => void app.commands.execute(OPEN);
  const panel = new MonitorPanel(poll, current, app.serviceManager.sessions, open);
  const showPanel = () => void app.commands.execute(SHOW_PANEL);
  const line = new StatusLine(poll, current, showPanel);
  const news = new News(poll);

  app.commands.addCommand(OPEN, {
    label: "Open Process Monitor",
    caption: "Charts, all processes, and what can be done about them",
    icon: (args) => (args.isPalette ? undefined : monitorIcon),
    execute: () => opener.open(),
  });
  app.commands.addCommand(SHOW_PANEL, {
    label: "Show Process Monitor in Side Panel",
    execute: () => app.shell.activateById(panel.id),
  });
  for (const command of [OPEN, SHOW_PANEL]) {
    palette?.addItem({ command, category: CATEGORY, args: { isPalette: true } });
  }
  launcher?.add({ command: OPEN, category: "Other", rank: 10 });

  app.shell.add(panel, "left", { rank: 600, type: "Process monitor" });
  if (statusBar) {
    statusBar.registerStatusItem("procwidget:line", { item: line, align: "middle", rank: 100, priority: 0 });
  } else if (!labShell) {
    // Notebook has no status bar.
    line.id = "procwidget-line";
    app.shell.add(line, "top", { rank: 900 });
  }

  // Only now: what is turned off must not ask once before that is known.
  const begin = () => [panel, line].forEach((viewer) => poll.add(viewer));
  const follow = (loaded: ISettingRegistry.ISettings) => {
    news.enabled = loaded.composite.notifications !== false;
    line.setHidden(loaded.composite.status === false);
    poll.look();
  };
  if (settings) {
    void settings
      .load(ID)
      .then((loaded) => {
        loaded.changed.connect(follow);
        follow(loaded);
      })
      .finally(begin);
  } else {
    begin();
  }
}

export default plugin;
