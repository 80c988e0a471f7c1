"use strict";
// Filters and sorts the table, keeps the filter in the address, copies commands. Without this script the page shows all
// rows, the most urgent first. Of a long table only the rows near the window are in the page.
(() => {
  const root = document.documentElement;
  root.classList.add("js"); // The style hides the rows until they are read: laying out thousands takes seconds.

  const ALL = 120; // A table of at most so many rows is in the page as a whole.
  const BLOCK = 30; // Otherwise rows come and go in blocks of this size,
  const MARGIN = 1200; // when they are nearer to the window than this, in pixels.
  const PRINTED = 300; // So many rows are printed, unless the reader asks for all.
  const WITHOUT_DRIFT = ["left_alone", "ignored", "in_order"];
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const number = new Intl.NumberFormat("en");
  const count = (n, what) => `${number.format(n)} ${what}${n === 1 ? "" : "s"}`;

  // --- Rows --------------------------------------------------------------------------------------------------------

  // What the filter searches: the texts of a row without its commands, which contain the same words everywhere.
  const wordsOf = (element) => {
    let words = element.textContent;
    for (const each of element.querySelectorAll(".cmd")) words = words.replace(each.textContent, "");
    return words.toLowerCase();
  };

  const readRows = (body, ownerColumn) =>
    Array.from(body.rows, (element, order) => ({
      element,
      order,
      finding: element.dataset.f,
      status: element.dataset.s,
      problems: (element.dataset.p ?? "").split(" "),
      reasons: (element.dataset.r ?? "").split(" "),
      owner: element.cells[ownerColumn].textContent,
      words: wordsOf(element),
    }));

  // --- Window: which rows are in the page --------------------------------------------------------------------------

  const makeWindow = (table) => {
    const body = table.tBodies[0];
    const pad = () => {
      const part = document.createElement("tbody");
      part.className = "pad";
      part.setAttribute("aria-hidden", "true");
      const cell = part.insertRow().insertCell();
      cell.colSpan = table.tHead.rows[0].cells.length;
      part.hidden = true;
      return { part, set: (height) => ((part.hidden = height <= 0), (cell.style.height = `${height}px`)) };
    };
    const [above, below] = [pad(), pad()];
    body.before(above.part);
    body.after(below.part);
    let rows = [];
    let heights = []; // Of the blocks that were laid out.
    let average = 60; // The estimated height of a row. A later, better estimate would move the rows in the window.
    let isEstimated = false;
    let from = 0;
    let to = 0; // The rows in the page.

    const heightOf = (block) => heights[block] ?? average * Math.min(BLOCK, rows.length - block * BLOCK);
    const sum = (first, last) => {
      let total = 0;
      for (let block = first; block < last; block++) total += heightOf(block);
      return total;
    };

    const fill = (first, last) => {
      const elements = rows.slice(first, last).map((row, index) => {
        row.element.setAttribute("aria-rowindex", first + index + 2);
        return row.element;
      });
      // Rows that stay are not touched, so that the focus and selected text stay, too.
      const kept = new Set(elements);
      for (const element of Array.from(body.rows)) if (!kept.has(element)) element.remove();
      let place = body.firstElementChild;
      for (const element of elements) {
        if (element === place) place = place.nextElementSibling;
        else body.insertBefore(element, place);
      }
      [from, to] = [first, last];
    };

    const measure = () => {
      for (let block = from / BLOCK; block * BLOCK < to; block++) {
        const last = Math.min((block + 1) * BLOCK, to) - 1;
        const top = rows[block * BLOCK].element.getBoundingClientRect().top;
        heights[block] = rows[last].element.getBoundingClientRect().bottom - top;
      }
      if (!isEstimated) average = body.getBoundingClientRect().height / (to - from);
      isEstimated = true;
    };

    // The blocks near the window, as rows: the first one, and the one after the last.
    const near = () => {
      const blocks = Math.ceil(rows.length / BLOCK);
      const start = -(above.part.hidden ? body : above.part).getBoundingClientRect().top;
      let first = 0;
      let y = 0;
      while (first < blocks - 1 && y + heightOf(first) < start - MARGIN) y += heightOf(first++);
      let last = first;
      while (last < blocks && y < start + innerHeight + MARGIN) y += heightOf(last++);
      return [first * BLOCK, Math.min(last * BLOCK, rows.length)];
    };

    const place = () => {
      if (rows.length <= ALL) return;
      // Heights that were estimated turn out different, so that other blocks may be the near ones.
      for (let turn = 0; turn < 4; turn++) {
        const [first, last] = near();
        if (first === from && last === to) return;
        const anchor = Array.from(body.rows).find((each) => each.getBoundingClientRect().bottom > 0);
        const before = anchor?.getBoundingClientRect().top;
        fill(first, last);
        measure();
        above.set(sum(0, first / BLOCK));
        below.set(sum(Math.ceil(last / BLOCK), Math.ceil(rows.length / BLOCK)));
        // What the reader sees must not move.
        const moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - before : 0;
        if (Math.abs(moved) > 1) scrollBy(0, moved);
      }
    };

    const show = (all) => {
      rows = all;
      heights = [];
      isEstimated = false;
      above.set(0);
      below.set(0);
      table.setAttribute("aria-rowcount", rows.length + 1);
      if (rows.length <= ALL) return fill(0, rows.length);
      fill(0, 0);
      const blocks = Math.ceil(rows.length / BLOCK);
      below.set(sum(0, blocks));
      [from, to] = [-1, -1];
      place();
    };

    let waiting = false;
    const later = () => {
      if (!waiting) requestAnimationFrame(() => ((waiting = false), place()));
      waiting = true;
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", () => ((heights = []), (isEstimated = false), later()));
    return { show, fillAll: (all) => (above.set(0), below.set(0), body.replaceChildren(...all.map((row) => row.element))) };
  };

  // --- Copying -----------------------------------------------------------------------------------------------------

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed, or the page has no secure address.
    }
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const addCopyButtons = (part) => {
    for (const command of part.querySelectorAll(".cmd:not(:has(button))")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      const who = command.querySelector("span")?.textContent ?? "all";
      const name = command.closest("#apps tr")?.cells[0].textContent;
      button.setAttribute("aria-label", `Copy the command: ${name ? `${who}, ${name}` : who}`);
      command.append(button);
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".cmd button");
    if (!button) return;
    const code = button.parentElement.querySelector("code");
    const done = await copy(code.textContent);
    if (!done) getSelection().selectAllChildren(code);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });

  // --- The table ---------------------------------------------------------------------------------------------------

  const start = () => {
    addCopyButtons(document);
    const table = document.getElementById("apps");
    root.classList.add("ready");
    if (!table) return;
    const form = document.getElementById("filter");
    const text = document.getElementById("text");
    const shown = document.getElementById("shown");
    const picked = document.getElementById("picked");
    const unprinted = document.getElementById("unprinted");
    const printAll = document.getElementById("print-all");
    const headers = Array.from(table.tHead.rows[0].cells);
    const ranks = table.dataset.findings.split(" ");
    const columnOf = (key) => headers.findIndex((header) => header.dataset.key === key);
    addCopyButtons(table);
    const rows = readRows(table.tBodies[0], columnOf("owner"));
    table.tBodies[0].replaceChildren();
    const view = makeWindow(table);
    const only = { owner: "", reason: "" }; // Filters that links set.
    let order = { key: "finding", direction: 1 };
    let sorted = rows;
    let matching = rows;

    const chosen = (name) => new Set(Array.from(form.querySelectorAll(`[name=${name}]:checked`), (box) => box.value));

    const matches = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const [findings, statuses, problems] = ["finding", "status", "problem"].map(chosen);
      return (row) =>
        (!findings.size || findings.has(row.finding)) &&
        (!statuses.size || statuses.has(row.status)) &&
        (!problems.size || row.problems.some((problem) => problems.has(problem))) &&
        (!only.owner || row.owner === only.owner) &&
        (!only.reason || row.reasons.includes(only.reason)) &&
        words.every((word) => row.words.includes(word));
    };

    const show = () => {
      matching = sorted.filter(matches());
      view.show(matching);
      const all = count(rows.length, "application");
      shown.textContent = matching.length === rows.length ? all : `${number.format(matching.length)} of ${all}`;
      form.classList.toggle("filtered", matching.length < rows.length);
    };

    // --- Sorting

    const keys = new Map(); // The keys of each column, once they were needed.
    const keysOf = (header) => {
      const column = header.cellIndex;
      const by = header.dataset.by;
      const read = {
        rank: (row) => ranks.indexOf(row.finding),
        number: (row) => Number(row.element.cells[column].textContent.replace(/[,+]/g, "")),
        text: (row) => row.element.cells[column].textContent,
      }[by];
      if (!keys.has(column)) {
        let values = rows.map(read);
        if (by === "text") {
          // Comparing texts is slow, so each different text is compared once and has a rank from then on.
          const texts = new Map(Array.from(new Set(values)).sort(collator.compare).map((value, rank) => [value, rank + 1]));
          values = values.map((value) => (value ? texts.get(value) : 0));
        }
        keys.set(column, values);
      }
      return keys.get(column);
    };

    // Rows of the same value are sorted by urgency. Empty cells come last in both directions.
    const sort = () => {
      const header = headers[Math.max(columnOf(order.key), 0)];
      const values = keysOf(header);
      const hasEmpty = header.dataset.by !== "rank";
      sorted = rows.slice().sort((one, other) => {
        const [a, b] = [values[one.order], values[other.order]];
        if (hasEmpty && !a !== !b) return a ? -1 : 1;
        return order.direction * (a - b) || one.order - other.order;
      });
      for (const each of headers) each.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", order.direction > 0 ? "ascending" : "descending");
    };

    // --- The filter in the address

    const write = () => {
      const address = new URLSearchParams();
      if (text.value.trim()) address.set("q", text.value.trim());
      for (const name of ["finding", "status", "problem"]) {
        const values = Array.from(chosen(name));
        if (values.length) address.set(name, values.join(","));
      }
      for (const [name, value] of Object.entries(only)) if (value) address.set(name, value);
      const sign = order.direction < 0 ? "-" : "";
      if (order.key !== "finding" || sign) address.set("sort", sign + order.key);
      try {
        history.replaceState(null, "", `#${address}`);
      } catch {
        // A viewer that shows the page in a frame of its own may not allow that.
      }
    };

    const read = () => {
      const address = new URLSearchParams(location.hash.slice(1));
      text.value = address.get("q") ?? "";
      for (const name of ["finding", "status", "problem"]) {
        const values = (address.get(name) ?? "").split(",");
        for (const box of form.querySelectorAll(`[name=${name}]`)) box.checked = values.includes(box.value);
      }
      for (const name of Object.keys(only)) only[name] = address.get(name) ?? "";
      const key = (address.get("sort") ?? "finding").replace(/^-/, "");
      const known = columnOf(key) >= 0;
      order = { key: known ? key : "finding", direction: known && address.get("sort")?.startsWith("-") ? -1 : 1 };
      showPicked();
      sort();
      show();
    };

    const showPicked = () => {
      for (const each of picked.querySelectorAll("button")) each.remove();
      for (const [name, value] of Object.entries(only)) {
        if (!value) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "chip";
        const link = document.querySelector(`.reasons a[href="#reason=${CSS.escape(value)}"]`);
        const words = name === "owner" ? `owner ${value}` : (link?.closest("li").querySelector("p").textContent ?? "this reason");
        button.textContent = words.length > 70 ? `${words.slice(0, 70).trim()}…` : words;
        button.setAttribute("aria-label", `Remove the filter: ${words}`);
        button.addEventListener("click", () => {
          only[name] = "";
          changed();
          showPicked();
          text.focus();
        });
        picked.append(button);
      }
      picked.hidden = !picked.querySelector("button");
    };

    const changed = () => {
      show();
      write();
    };

    for (const header of headers) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const again = order.key === header.dataset.key && order.direction > 0;
        order = { key: header.dataset.key, direction: again ? -1 : 1 };
        sort();
        changed();
      });
    }
    form.addEventListener("input", (event) => event.target !== printAll && changed());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => {
      setTimeout(() => {
        only.owner = only.reason = "";
        showPicked();
        changed();
      });
    });
    addEventListener("hashchange", () => {
      read();
      document.getElementById("all").scrollIntoView();
    });

    // --- Printing: the most urgent rows, and the others only if the reader asks for them

    document.getElementById("print").addEventListener("click", () => print());
    addEventListener("beforeprint", () => {
      const findings = chosen("finding");
      const drifted = matching.filter((row) => findings.has(row.finding) || !WITHOUT_DRIFT.includes(row.finding));
      const printed = printAll.checked ? matching : drifted.slice(0, PRINTED);
      const left = printAll.checked ? [] : [
        [matching.length - drifted.length, "without drift"],
        [drifted.length - printed.length, "with drift"],
      ].filter(([n]) => n).map(([n, which]) => `${count(n, "application")} ${which}`);
      view.fillAll(printed);
      table.hidden = !printed.length;
      unprinted.hidden = !left.length;
      unprinted.textContent = `Not printed: ${left.join(", ")}. In the page, select "print all rows" to print them, too.`;
    });
    addEventListener("afterprint", () => {
      table.hidden = false;
      unprinted.hidden = true;
      view.show(matching);
    });

    form.hidden = false;
    read();
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
