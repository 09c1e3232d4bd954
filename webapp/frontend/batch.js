// Several steps, each with a choice of its own ("field:step"): one choice above them sets all that offer it.
import { each, make } from "./dom.js";

const FEWEST = 3;

each("[data-batch]", (form) => {
  const choices = [...form.querySelectorAll('select[name*=":"]')];
  for (const name of new Set(choices.map(({ name }) => name.split(":")[0]))) {
    const some = choices.filter((choice) => choice.name.startsWith(`${name}:`));
    if (some.length >= FEWEST) chooseAll(`${name}:all`, some);
  }
});

function chooseAll(id, choices) {
  const first = choices[0].closest("[class^=col]");
  const label = `${first.querySelector("label").textContent.split(":")[0]}: tất cả ${choices.length} việc`;
  const all = make("select", { class: "form-select", id }, ...[...choices[0].options].map((option) => option.cloneNode(true)));
  const column = make("div", { class: first.className }, make("label", { class: "form-label", for: id }, label), all);
  if (first.dataset.hideWhen) column.dataset.hideWhen = first.dataset.hideWhen;
  all.value = choices.every(({ value }) => value === choices[0].value) ? choices[0].value : "";
  all.addEventListener("change", () => {
    for (const choice of choices) if ([...choice.options].some(({ value }) => value === all.value)) choice.value = all.value;
  });
  first.before(column);
}
