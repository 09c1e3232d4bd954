// A list whose rows are dragged by their grip, with mouse, pen or finger. Each row keeps its buttons for moving: letting a
// row go sends the form of the first of them, with the place to which it was dragged.
import { make, on } from "./dom.js";

const EDGE = 64; // So near to the window's edge the page goes along.
const STEP = 16;
let dragged = null;

/** Where a row would be put: before which path, and where the line is drawn. */
function placeAt(list, y) {
  const rows = [...list.querySelectorAll("[data-path]")];
  const under = rows.find((row) => y < row.getBoundingClientRect().bottom);
  if (!under) return { to: `${rows.filter((row) => !row.dataset.path.includes(".")).length}`, row: rows.at(-1), side: "after" };
  const { top, height } = under.getBoundingClientRect();
  const part = (y - top) / height;
  const path = under.dataset.path;
  if (part < (under.hasAttribute("data-holds") ? 1 / 3 : 1 / 2)) return { to: path, row: under, side: "before" };
  if (under.hasAttribute("data-holds")) return { to: `${path}.0`, row: under, side: "inside" };
  return { to: path.replace(/\d+$/, (place) => Number(place) + 1), row: under, side: "after" };
}

function show(place) {
  for (const row of dragged.list.querySelectorAll("[data-drop]")) delete row.dataset.drop;
  if (place) place.row.dataset.drop = place.side;
}

function end() {
  show(null);
  delete dragged.row.dataset.dragged;
  dragged = null;
}

on("pointerdown", "[data-grip]", (event, grip) => {
  if (event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const row = grip.closest("[data-path]");
  dragged = { row, list: row.closest("[data-reorder]"), place: null };
  row.dataset.dragged = "";
});

on("pointermove", "[data-grip]", (event) => {
  if (!dragged) return;
  dragged.place = placeAt(dragged.list, event.clientY);
  show(dragged.place);
  if (event.clientY < EDGE) window.scrollBy(0, -STEP);
  if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, STEP);
});

on("pointerup", "[data-grip]", () => {
  if (!dragged) return;
  const { row, place } = dragged;
  end();
  if (!place || `${place.row.dataset.path}.`.startsWith(`${row.dataset.path}.`)) return; // Itself, or inside of it.
  const form = row.querySelector("form");
  form.append(make("input", { type: "hidden", name: "to", value: place.to }));
  form.requestSubmit();
});

on("pointercancel", "[data-grip]", () => dragged && end());
document.addEventListener("keydown", (event) => event.key === "Escape" && dragged && end());
