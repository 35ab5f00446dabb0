/** The side panel: how the machine is, what the notebooks take, and the processes that take most. */

import type { Session } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";

import type { HostState, KernelUse, Listing, Process } from "./answers";
import { element, setText } from "./element";
import { monitorIcon } from "./icon";
import { Meter } from "./meter";
import { CurrentNotebook, namesOfKernels } from "./notebooks";
import type { Poll } from "./poll";
import { Row, Table } from "./table";
import { bytesText, LEVEL_WORDS, levelOf, memoryText, MIB, percentText, share } from "./words";

const ROWS = 15;
/** Milliseconds after the last key until a search is asked for. */
const TYPED = 250;

export class MonitorPanel extends Widget {
  readonly listing: Listing = { count: ROWS, sort: "cpu", search: "" };

  private readonly _level = element("span", "procwidget-Level");
  private readonly _sentence = element("span");
  private readonly _more = element("ul", "procwidget-Panel-alerts");
  private readonly _cpu = new Meter("CPU");
  private readonly _memory = new Meter("Memory");
  private readonly _search = element("input", "jp-mod-styled procwidget-Panel-search", "", {
    type: "search",
    placeholder: "Search, such as memory>500",
    "aria-label": "Search processes",
  });
  private readonly _found = element("p", "procwidget-Panel-found", "", { role: "status" });
  private readonly _notebooks = new Table("Notebooks", ["Name", "CPU", "Memory"]);
  private readonly _processes = new Table("Processes", ["Name", "CPU", "Memory"], (sort) => {
    this.listing.sort = sort;
    this._poll.look();
  });
  private _typed = 0;

  constructor(
    private readonly _poll: Poll,
    private readonly _current: CurrentNotebook,
    private readonly _sessions: Session.IManager,
    open: () => void,
  ) {
    super();
    this.id = "procwidget-panel";
    this.addClass("procwidget-Panel");
    this.title.icon = monitorIcon;
    this.title.caption = "Process monitor";
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "Process monitor");
    const sentence = element("p", "procwidget-Panel-sentence");
    sentence.append(this._level, this._sentence);
    const button = element("button", "jp-mod-styled procwidget-Panel-open", "Open process monitor", { type: "button" });
    button.title = "The whole dashboard: charts, all processes, and what can be done about them";
    button.addEventListener("click", open);
    this._search.addEventListener("input", () => {
      window.clearTimeout(this._typed);
      this._typed = window.setTimeout(() => {
        this.listing.search = this._search.value;
        this._poll.look();
      }, TYPED);
    });
    this.node.append(sentence, this._more, this._cpu.node, this._memory.node, button);
    this.node.append(this._notebooks.node, this._processes.node);
    this._processes.node.querySelector("h3")?.after(this._search, this._found);
    this._processes.sortedBy("cpu");
    _poll.changed.connect(this._draw, this);
    _current.changed.connect(this._draw, this);
    this._draw();
  }

  protected onAfterShow(): void {
    this._poll.look();
  }

  protected onAfterHide(): void {
    this._poll.look();
  }

  protected onAfterAttach(): void {
    this._poll.look();
  }

  private _draw(): void {
    if (!this.isVisible) {
      return;
    }
    const { state, problem } = this._poll;
    const level = problem ? "warning" : (state?.level ?? "normal");
    this._level.dataset.level = level;
    setText(this._level, LEVEL_WORDS[level]);
    setText(this._sentence, problem || (state?.text ?? "Waiting for the first reading…"));
    this.toggleClass("procwidget-mod-stale", problem !== "");
    if (state) {
      this._drawState(state);
    }
  }

  private _drawState(state: HostState): void {
    const { cpus, cpu_usage, memory_used, memory_total } = state.effective;
    // The sentence has the first.
    this._more.replaceChildren(...state.alerts.slice(1).map((alert) => element("li", "", alert.text)));
    const cores = cpus === 1 ? "1 CPU" : `${Number(cpus.toFixed(2))} CPUs`;
    this._cpu.show(cpu_usage, `${percentText(cpu_usage)} of ${cores}`, levelOf(cpu_usage, state.thresholds.cpu));
    const full = share(memory_used, memory_total);
    const words = `${bytesText(memory_used)} of ${bytesText(memory_total)}`;
    this._memory.show(full, words, levelOf(full, state.thresholds.memory));
    const names = namesOfKernels(this._sessions);
    const kernels = [...state.kernels].sort((one, other) => (other.memory ?? 0) - (one.memory ?? 0));
    this._notebooks.node.hidden = kernels.length === 0;
    this._notebooks.show(kernels.map((use) => this._kernelRow(use, names.get(use.id), memory_total)));
    if (state.processes) {
      this._processes.show(state.processes.map(processRow));
      const found = state.found ?? 0;
      setText(this._found, state.problem ?? (this.listing.search ? `${found} found` : `${found} processes`));
    }
  }

  private _kernelRow(use: KernelUse, name: string | undefined, total: number | null): Row {
    const full = share(use.memory === null ? null : use.memory * MIB, total);
    return {
      key: use.id,
      texts: [name ?? `Kernel ${use.pid}`, percentText(use.cpu), memoryText(use.memory)],
      title: [
        `The kernel (${use.pid}) and ${use.processes - 1} processes that it started`,
        full === null ? "" : `${percentText(full)} of ${bytesText(total)}`,
      ],
      current: use.id === this._current.kernel,
    };
  }
}

function processRow(row: Process): Row {
  return {
    key: String(row.pid),
    texts: [row.name, percentText(row.cpu), memoryText(row.memory)],
    title: [row.command ?? row.name, `PID ${row.pid}${row.user ? `, of ${row.user}` : ""}`],
    current: false,
  };
}
