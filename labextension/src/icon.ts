/** The sign of the process monitor: a pulse. */

import { LabIcon } from "@jupyterlab/ui-components";

export const monitorIcon = new LabIcon({
  name: "procwidget:monitor",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161"
    d="M3 11h4.2l2.3-6.2h1.9l4 11.2 2-5h3.6v2h-2.2l-2.7 6.5h-1.9L10.4 8.6 8.6 13H3z"/>
</svg>`,
});
