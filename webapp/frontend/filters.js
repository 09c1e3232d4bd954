// On a phone the conditions of a list stay folded until asked for, unless one of them is in force.
import { each } from "./dom.js";

each("[data-filter-toggle]", (button) => {
  const form = button.closest("form");
  const fold = (folded) => {
    form.toggleAttribute("data-collapsed", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.hidden = false;
  button.addEventListener("click", () => fold(!form.hasAttribute("data-collapsed")));
  fold(![...form.querySelectorAll(".q-filter-fields :is(select, input:not([type=hidden]))")].some(({ value }) => value));
});
