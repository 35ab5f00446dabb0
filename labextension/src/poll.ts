/** Asks the server for the host's state while somebody looks, and for nothing otherwise. */

import { ISignal, Signal } from "@lumino/signaling";

import { askState, HostState, Listing, Refusal } from "./answers";

const SHORTEST = 1;
const LONGEST_AFTER_FAILURE = 60;

/** Somebody who may look: a part of the page. */
export interface Viewer {
  /** Whether it is in sight; the page itself may still be hidden. */
  readonly isVisible: boolean;
  /** Which processes it shows. */
  readonly listing?: Listing;
}

/**
 * The one poll of a page.
 *
 * It rests while the page is hidden or no viewer is in sight: then there is no request and no timer. What is wrong with
 * the connection is a sentence in `problem`; it tries again, each time after twice as long.
 */
export class Poll {
  state: HostState | null = null;
  problem = "";
  /** Whether the server has no extension of ours: nothing is asked then. */
  absent = false;

  private readonly _viewers = new Set<Viewer>();
  private readonly _changed = new Signal<this, void>(this);
  private _timer = 0;
  private _asking = false;
  private _again = false;
  private _pause = SHORTEST;

  constructor() {
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** There is a new state, or a problem. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  add(viewer: Viewer): void {
    this._viewers.add(viewer);
    this.look();
  }

  /** Ask now if somebody looks: to be called when a viewer comes into sight, leaves it, or wants something else. */
  look(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    if (this._asking) {
      this._again = true;
    } else if (!this.absent && this._watched) {
      void this._ask();
    }
  }

  private get _watched(): boolean {
    return document.visibilityState === "visible" && [...this._viewers].some((viewer) => viewer.isVisible);
  }

  private async _ask(): Promise<void> {
    this._asking = true;
    this._again = false;
    const listing = [...this._viewers].find((viewer) => viewer.isVisible && viewer.listing)?.listing ?? null;
    try {
      this.state = await askState(listing);
      this.problem = "";
      this._pause = Math.max(SHORTEST, this.state.interval);
    } catch (error) {
      this.absent = error instanceof Refusal && error.status === 404;
      this.problem = this.absent
        ? "The Jupyter Server has no procwidget: install it where the server runs, then restart the server."
        : error instanceof Refusal
          ? error.message
          : "The Jupyter Server does not answer.";
      this._pause = Math.min(LONGEST_AFTER_FAILURE, 2 * this._pause);
    }
    this._asking = false;
    this._changed.emit();
    if (this._again) {
      this.look();
    } else if (!this.absent && this._watched) {
      this._timer = window.setTimeout(() => this.look(), this._pause * 1000);
    }
  }
}
