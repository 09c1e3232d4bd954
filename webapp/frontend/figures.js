// A figure that is named as an indicator of the plan is that indicator: who types or pastes its name need not choose it.
import { each, on } from "./dom.js";

const plain = (text) => text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

function choose(row) {
  const list = row.querySelector("[data-key=indicator] select");
  const name = plain(row.querySelector("[data-key=name] input")?.value ?? "");
  if (!list || list.value || !name) return;
  const meant = [...list.options].filter(({ text }) => plain(text) === name || plain(text).startsWith(`${name} (`));
  if (meant.length !== 1) return;
  list.value = meant[0].value;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

each("[data-row]", choose);
on("change", "[data-rows]", (event, list) => list.querySelectorAll("[data-row]").forEach(choose));
