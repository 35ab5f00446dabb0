/** The line in the status bar: how the machine is, CPU, memory, and what the current notebook takes. */

import { Widget } from "@lumino/widgets";

import { element, setText } from "./element";
import type { CurrentNotebook } from "./notebooks";
import type { Poll } from "./poll";
import { bytesText, LEVEL_WORDS, memoryText, MIB, percentText, share } from "./words";

export class StatusLine extends Widget {
  private readonly _button = element("button", "procwidget-StatusLine-button", "", { type: "button" });
  private readonly _level = element("span", "procwidget-Level");
  private readonly _sentence = element("span", "procwidget-StatusLine-sentence");
  private readonly _what = element("span", "procwidget-StatusLine-what");
  private readonly _who = element("span", "procwidget-StatusLine-who");
  private readonly _figures = element("span", "procwidget-StatusLine-figures");
  private readonly _notebook = element("span", "procwidget-StatusLine-notebook");

  constructor(
    private readonly _poll: Poll,
    private readonly _current: CurrentNotebook,
    open: () => void,
  ) {
    super();
    this.addClass("procwidget-StatusLine");
    this._sentence.append(this._level, this._what, this._who);
    this._button.append(this._sentence, this._figures, this._notebook);
    this._button.addEventListener("click", open);
    this.node.append(this._button);
    this._button.hidden = true;
    _poll.changed.connect(this._draw, this);
    _current.changed.connect(this._draw, this);
  }

  protected onAfterShow(): void {
    this._poll.look();
  }

  protected onAfterAttach(): void {
    this._poll.look();
  }

  private _draw(): void {
    const { state, problem } = this._poll;
    this._button.hidden = this._poll.absent || !(state || problem);
    const calm = !problem && state?.level === "normal";
    const [what, who] = parts(problem || (state?.text ?? ""), calm);
    setText(this._what, what);
    setText(this._who, who);
    if (!state) {
      return;
    }
    const { cpu_usage, memory_used, memory_total } = state.effective;
    const level = problem ? "warning" : state.level;
    this._button.dataset.level = this._level.dataset.level = level;
    setText(this._level, LEVEL_WORDS[level]);
    setText(this._figures, `CPU ${percentText(cpu_usage)} · ${bytesText(memory_used)} of ${bytesText(memory_total)}`);
    const use = state.kernels.find((kernel) => kernel.id === this._current.kernel);
    const full = use ? share(use.memory === null ? null : use.memory * MIB, memory_total) : null;
    const own = use
      ? `${this._current.name}: ${memoryText(use.memory)} (${percentText(full)}), CPU ${percentText(use.cpu)}`
      : "";
    setText(this._notebook, own);
    const notebook = use ? `${own} of one core, with the ${use.processes - 1} processes that its kernel started` : "";
    this._button.title = [problem || state.text, this._figures.textContent, notebook, "Click for the side panel"]
      .filter(Boolean)
      .join("\n");
  }
}

/**
 * Return a sentence as what is wrong, up to the colon, and who causes it: where room is short the first gives way. Where
 * nothing is wrong it is one part, cut off at its end.
 */
function parts(sentence: string, calm: boolean): [string, string] {
  const who = calm ? 0 : sentence.indexOf(": ") + 2;
  return who < 2 ? [sentence, ""] : [sentence.slice(0, who), sentence.slice(who)];
}
