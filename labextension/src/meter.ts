/** A figure with a bar. */

import type { Level } from "./answers";
import { element, setText } from "./element";

export class Meter {
  readonly node = element("div", "procwidget-Meter");
  private readonly _text = element("span", "procwidget-Meter-text");
  private readonly _track = element("div", "procwidget-Meter-track", "", {
    role: "meter",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  });
  private readonly _bar = element("div", "procwidget-Meter-bar");

  constructor(label: string) {
    this._track.setAttribute("aria-label", label);
    this._track.append(this._bar);
    this.node.append(element("span", "procwidget-Meter-label", label), this._text, this._track);
  }

  /** Show a percentage and its words. */
  show(percent: number | null, text: string, level: Level): void {
    const value = Math.min(100, Math.max(0, percent ?? 0));
    setText(this._text, text);
    this._track.setAttribute("aria-valuenow", value.toFixed(0));
    this._track.setAttribute("aria-valuetext", text);
    this._bar.style.width = `${value.toFixed(1)}%`;
    this._bar.dataset.level = level;
  }
}
