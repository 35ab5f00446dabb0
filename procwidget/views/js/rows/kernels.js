/** Tells which rows are Jupyter kernels, as procwidget/sources/notebooks/kernels.py does; of those of a notebook alone. Pure. */

/** @import { Row } from "../types.js" */

const CONNECTION_FILE = /(?:^|[\s/\\=])kernel-(?:[0-9A-Za-z-]{8,128}|•••)\.json(?=\s|$)/;

/** @param {Row} row */
export function isKernel({ notebook, command }) {
  return Boolean(notebook) && CONNECTION_FILE.test(command ?? "");
}
