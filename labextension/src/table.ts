/** A small table of names with CPU and memory. Rows keep their elements, so that a title under the pointer stays. */

import { element, setText } from "./element";

/** One row: its cells, and what its title says, line by line. */
export interface Row {
  key: string;
  texts: string[];
  title: string[];
  current: boolean;
}

type Sort = "cpu" | "memory";

export class Table {
  readonly node = element("section", "procwidget-Table");
  private readonly _body = element("tbody");
  private readonly _heads = new Map<Sort, HTMLElement>();

  /**
   * @param title - its heading.
   * @param columns - the names of the columns, of which the second is CPU and the third memory.
   * @param sort - called with the column by which the rows are to be sorted, where they can be.
   */
  constructor(title: string, columns: string[], sort?: (by: Sort) => void) {
    const table = element("table", "", "", { "aria-label": title });
    const head = element("tr");
    columns.forEach((name, place) => {
      const cell = element("th", "", "", { scope: "col" });
      const by: Sort = place === 1 ? "cpu" : "memory";
      if (sort && place > 0) {
        const button = element("button", "", name, { type: "button", title: `Sort by ${name}` });
        button.addEventListener("click", () => {
          this.sortedBy(by);
          sort(by);
        });
        cell.append(button);
        this._heads.set(by, cell);
      } else {
        setText(cell, name);
      }
      if (place === 1) {
        cell.title = "Percent of one core";
      }
      head.append(cell);
    });
    const top = element("thead");
    top.append(head);
    table.append(top, this._body);
    this.node.append(element("h3", "", title), table);
  }

  /** Say by which column the rows are sorted. */
  sortedBy(by: Sort): void {
    for (const [name, head] of this._heads) {
      head.ariaSort = name === by ? "descending" : "none";
    }
  }

  show(rows: Row[]): void {
    const before = new Map([...this._body.rows].map((row) => [row.dataset.key, row]));
    const now = rows.map((row) => drawn(row, before.get(row.key)));
    if (now.some((row, place) => row !== this._body.rows[place]) || now.length !== this._body.rows.length) {
      this._body.replaceChildren(...now);
    }
  }
}

function drawn(row: Row, before: HTMLTableRowElement | undefined): HTMLTableRowElement {
  const line = before ?? element("tr");
  line.dataset.key = row.key;
  row.texts.forEach((text, place) => setText(line.cells[place] ?? line.insertCell(), text));
  const title = row.title.filter(Boolean).join("\n");
  if (line.title !== title) {
    line.title = title;
  }
  line.classList.toggle("procwidget-mod-current", row.current);
  line.ariaCurrent = row.current ? "true" : null;
  return line;
}
