/**
 * Checks how the browser half's modules depend on each other: never in a circle, and between folders only downward.
 * Each folder is listed with those that it may import from; types, which JSDoc imports, count as well. The entries on
 * top may import everything, and everybody may import the types of types.js and the table of fields.
 */

const SOURCES = "^procwidget/views/js/";

/** @type {Record<string, string[]>} */
const MAY_IMPORT = {
  ui: [],
  search: ["ui", "connection"],
  connection: ["ui"],
  rows: ["ui", "search", "connection"],
  panels: ["ui", "connection"],
  events: ["ui", "connection"],
  head: ["ui", "connection", "events"],
  charts: ["ui", "connection"],
  fleet: ["ui", "connection"],
  table: ["ui", "search", "rows"],
  layout: ["ui", "rows", "table", "charts", "connection"],
  signals: ["ui", "search", "rows", "table", "connection"],
  past: ["ui", "rows", "connection"],
  row_menu: ["ui", "search", "rows", "table", "signals"],
  details: ["ui", "rows", "table", "layout", "connection", "events"],
};

export default {
  forbidden: [
    {
      name: "no-circle",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["jsdoc"] } },
    },
    {
      name: "no-orphan",
      severity: "error",
      from: { orphan: true, pathNot: "/(types\\.js|build\\.mjs)$" },
      to: {},
    },
    ...Object.entries(MAY_IMPORT).map(([folder, below]) => ({
      name: `${folder}-imports-from-below`,
      severity: "error",
      from: { path: `${SOURCES}${folder}/` },
      to: { pathNot: `${SOURCES}((types|fields\\.generated)\\.js$|(${[folder, ...below].join("|")})/)` },
    })),
    {
      name: "only-folders-with-a-place-in-the-order",
      severity: "error",
      from: { path: `${SOURCES}[^/]+/`, pathNot: `${SOURCES}(${Object.keys(MAY_IMPORT).join("|")})/` },
      to: {},
    },
  ],
  options: {
    parser: "tsc",
    detectJSDocImports: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.css$" },
  },
};
