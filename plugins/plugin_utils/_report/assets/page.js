"use strict";
// Filters and sorts the table. Without this script the page shows all rows, the most urgent first.
(() => {
  const table = document.getElementById("apps");
  if (!table) return;
  const body = table.tBodies[0];
  const form = document.getElementById("filter");
  const text = document.getElementById("text");
  const shown = document.getElementById("shown");
  const more = document.getElementById("more");
  const STEP = 250; // Rows in the page at first. With few rows in the page, a table of ten thousand sorts without delay.
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const number = new Intl.NumberFormat("en");

  const rows = Array.from(body.rows, (element, order) => ({
    element,
    order,
    words: element.textContent.toLowerCase(),
    finding: element.dataset.f,
    status: element.dataset.s,
  }));
  let sorted = rows;
  let matching = rows;
  let limit = STEP;

  const chosen = (name) => new Set(Array.from(form.querySelectorAll(`[name=${name}]:checked`), (box) => box.value));

  const show = () => {
    body.replaceChildren(...matching.slice(0, limit).map((row) => row.element));
    more.hidden = matching.length <= limit;
    const all = number.format(rows.length) + (rows.length === 1 ? " application" : " applications");
    shown.textContent = matching.length === rows.length ? all : `${number.format(matching.length)} of ${all}`;
  };

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const findings = chosen("f");
    const statuses = chosen("s");
    matching = sorted.filter(
      (row) =>
        (!findings.size || findings.has(row.finding)) &&
        (!statuses.size || statuses.has(row.status)) &&
        words.every((word) => row.words.includes(word)),
    );
    limit = STEP;
    show();
  };

  const keyOf = (row, column, by) => {
    if (by === "rank") return Number(row.element.dataset.rank);
    const content = row.element.cells[column].textContent;
    return by === "number" ? Number(content) : content;
  };

  // Rows of the same value are sorted by urgency. Empty cells come last in both directions.
  const sort = (header, direction) => {
    const column = header.cellIndex;
    const by = header.dataset.by;
    const keyed = rows.map((row) => [keyOf(row, column, by), row]);
    const compare = by ? (a, b) => a - b : (a, b) => collator.compare(a, b);
    keyed.sort(([a, one], [b, other]) => {
      if (by !== "rank" && !a !== !b) return a ? -1 : 1;
      return direction * compare(a, b) || one.order - other.order;
    });
    sorted = keyed.map(([, row]) => row);
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    filter();
  };

  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      sort(header, header.getAttribute("aria-sort") === "ascending" ? -1 : 1);
    });
    if (header.dataset.by === "rank") header.setAttribute("aria-sort", "ascending");
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  more.firstElementChild.addEventListener("click", () => {
    limit += 4 * STEP;
    show();
  });
  // Paper has no button to show more rows, so all of them are printed.
  addEventListener("beforeprint", () => {
    const before = limit;
    limit = Infinity;
    show();
    limit = before;
  });
  addEventListener("afterprint", show);
  form.hidden = false;
  show();
})();
