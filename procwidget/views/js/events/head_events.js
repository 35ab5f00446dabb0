/**
 * What the head shows and does about alerts besides listing them: the buttons for the cause, the event list, the
 * thresholds, notifications, and the line about processes that ended.
 */

import { HeadLink } from "../connection/head_link.js";
import { expect, parse } from "../connection/protocol.js";
import { button, element } from "../ui/dom.js";
import { CauseButtons } from "./cause_buttons.js";
import { EventList } from "./event_list.js";
import { Notifications } from "./notifications.js";
import { showThresholds } from "./thresholds_dialog.js";
import { ToldLine } from "./told.js";

/** @import { Model } from "../types.js" */
/** @import { Settings } from "../connection/answers.js" */
/** @import { AlertName } from "../connection/protocol.js" */
/** @import { ExpectedReading } from "./alert_item.js" */
/** @import { Cause } from "./cause_buttons.js" */
/** @import { Told } from "./told.js" */

/**
 * @typedef {object} EventsReading
 * @property {{ cause?: Cause | null, kind?: string, about?: string }} [headline]
 * @property {Settings} [thresholds]
 * @property {{ version: number }} [events]
 * @property {Told | null} [told]
 * @property {ExpectedReading[]} [expected]
 */

export class HeadEvents {
  /**
   * @param {Model} model the summary's
   * @param {() => HTMLElement} dashboard
   * @param {(sentences: string[]) => void} complain shows why something was not done
   */
  constructor(model, dashboard, complain) {
    this.model = model;
    this.link = new HeadLink(model);
    this.expect = (/** @type {AlertName} */ alert, /** @type {boolean} */ on, /** @type {number | null} */ seconds) =>
      this.link.request(expect(alert, on, seconds), (answer) => {
        if (answer.result === "refused") {
          complain(answer.refusals);
        }
      });
    this.cause = new CauseButtons(dashboard, this.expect);
    this.told = new ToldLine();
    this.notifications = new Notifications(this.link);
    this.list = new EventList(this.link, [this.notifications.element]);
    this.thresholdsButton = button("Thresholds…", () => {
      const now = /** @type {EventsReading} */ (model.get("reading")).thresholds;
      const host = /** @type {HTMLElement | null} */ (this.tools.closest(".pw"));
      if (now && host) {
        showThresholds(host, now, this.link);
      }
    });
    this.tools = element("div", { class: "pw-alert-tools" }, this.list.element, this.thresholdsButton);
    this.heard = (/** @type {any} */ content) => {
      const message = parse(content);
      if (message?.type === "notice") {
        this.notifications.show(message.text);
      }
    };
    model.on("msg:custom", this.heard);
  }

  remove() {
    this.model.off("msg:custom", this.heard);
    this.link.close();
    this.list.remove();
    this.notifications.remove();
  }

  /** @param {EventsReading} reading */
  show(reading) {
    this.cause.show(reading.headline ?? {});
    this.told.show(reading.told);
    this.list.follow(reading.events?.version ?? -1);
  }
}
