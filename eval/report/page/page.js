// The page's own manners: which section is in view, and tables that sort by a column.

/** Marks in the navigation the section that is being read. */
function followSections() {
  const links = new Map();
  for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
  const sections = [...document.querySelectorAll("main > section")];
  let current = null;
  const mark = () => {
    const edge = innerHeight / 3;
    let seen = sections[0];
    for (const section of sections) if (section.getBoundingClientRect().top < edge) seen = section;
    const link = seen && links.get(seen.id);
    if (!link || link === current) return;
    if (current) current.removeAttribute("aria-current");
    current = link;
    current.setAttribute("aria-current", "true");
    const bar = current.closest("nav");
    const left = current.offsetLeft - bar.clientWidth / 2 + current.offsetWidth / 2;
    bar.scrollTo({ left });
  };
  let asked = 0;
  addEventListener("scroll", () => {
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; mark(); });
  }, { passive: true });
  addEventListener("resize", mark);
  mark();
}

/** The number that a cell begins with; its text where it is none. */
function sortKey(cell) {
  const text = cell.textContent.trim();
  const number = Number.parseFloat(text.replace(/^[<+]/, ""));
  return Number.isNaN(number) ? text : number;
}

/** Numbers by size, texts by letters, numbers before texts: what is n/a comes last. */
function compareKeys(a, b) {
  if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  return typeof a === "number" ? -1 : 1;
}

/** Sorts the rows of a table by a column; those that stand for the whole stay last. */
function sortBy(head, place) {
  const body = head.closest("table").tBodies[0];
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const rows = [...body.rows].map((row) => [row, sortKey(row.cells[place])]);
  const own = rows.filter(([row]) => !row.classList.contains("whole"));
  own.sort((a, b) => {
    if (typeof a[1] !== typeof b[1]) return compareKeys(a[1], b[1]);
    return up ? compareKeys(a[1], b[1]) : compareKeys(b[1], a[1]);
  });
  const whole = rows.filter(([row]) => row.classList.contains("whole"));
  body.append(...[...own, ...whole].map(([row]) => row));
}

/** Makes a button of each head whose column has something to sort. */
function makeSortable(table) {
  if (!table.tHead || table.querySelectorAll("tbody tr:not(.whole)").length < 3) return;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head, place));
    head.append(button);
  });
}

document.querySelectorAll("main .wide > table").forEach(makeSortable);
followSections();
