// On phones a table of class "table-cards" is drawn as cards, which hides from screen readers that it is a table.
// Roles say it again, and a cell without a label of its own takes that of its column.
import { each } from "./dom.js";

const ROLES = { THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

each("table.table-cards", (table) => {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  table.setAttribute("role", "table");
  for (const head of heads) head.setAttribute("role", "columnheader");
  for (const part of table.querySelectorAll("thead, tbody, tr, td")) part.setAttribute("role", ROLES[part.tagName]);
  for (const row of table.querySelectorAll("tbody tr")) labelCells(row, heads);
});

function labelCells(row, heads) {
  [...row.cells].forEach((cell, index) => {
    if (cell.tagName === "TH") cell.setAttribute("role", "rowheader");
    if (cell.dataset.label === undefined && cell.colSpan === 1) cell.dataset.label = heads[index]?.textContent.trim() ?? "";
  });
}
