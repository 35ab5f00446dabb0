/** Says which process is followed, and ends that at a click; Escape in the table does so too. */

import { button, setAttribute, setHidden, setText } from "../ui/dom.js";

/** @import { Row } from "../types.js" */

export class FollowChip {
  /** @param {() => void} end */
  constructor(end) {
    this.element = button("", end, {
      class: "pw-button pw-follow-chip",
      title: "Stop following (Escape)",
      hidden: true,
    });
  }

  /** @param {Row | null} row null while none is followed */
  show(row) {
    setHidden(this.element, row === null);
    setText(this.element, row ? `Following ${row.name} (${row.pid}) ×` : "");
    setAttribute(this.element, "aria-label", row ? `Stop following ${row.name} (${row.pid})` : null);
  }
}
