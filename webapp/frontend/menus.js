// Menus are <details>: Escape and a click elsewhere close them, one is open at a time.
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
