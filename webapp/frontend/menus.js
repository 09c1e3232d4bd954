// Menus are <details>: Escape and a click elsewhere close them, one is open at a time. A form that folds out (q-foldout)
// is there to be filled in at once.
import { on } from "./dom.js";

const OPEN = "details.q-menu[open]";

function closeAllBut(kept) {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (menu !== kept) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest?.("details.q-menu")));

on("keydown", OPEN, (event, menu) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

on("click", ".q-foldout > summary", (event, summary) => {
  const foldout = summary.parentElement;
  if (!foldout.open) setTimeout(() => foldout.querySelector("input:not([type=hidden]), select, textarea")?.focus());
});
