// Several rows at once: [data-bulk] holds rows with [data-bulk-item] checkboxes, perhaps one [data-bulk-all], and a
// [data-bulk-bar] that says how many are chosen. Without a script the bar is simply always there.
import { announce, each, make, on } from "./dom.js";

const itemsOf = (area) => [...area.querySelectorAll("[data-bulk-item]:not(:disabled)")];
let lastClicked = null;

function update(area) {
  const items = itemsOf(area);
  const chosen = items.filter((item) => item.checked).length;
  const all = area.querySelector("[data-bulk-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === items.length;
    all.indeterminate = chosen > 0 && chosen < items.length;
  }
  for (const bar of area.querySelectorAll("[data-bulk-bar]")) bar.hidden = chosen === 0;
  for (const count of area.querySelectorAll("[data-bulk-count]")) announce(count, `Đã chọn ${chosen}/${items.length}`);
}

each("[data-bulk]", update);

on("change", "[data-bulk-all]", (event, all) => {
  const area = all.closest("[data-bulk]");
  for (const item of itemsOf(area)) item.checked = all.checked;
  update(area);
});

on("change", "[data-bulk-item]", (event, item) => update(item.closest("[data-bulk]")));

// Who decides about a row means that row, also by pressing what is chosen already.
on("click", "[data-bulk] article [data-key=decision] input", (event, decision) => {
  const item = decision.closest("article").querySelector("[data-bulk-item]:not(:disabled)");
  if (!event.isTrusted || !item) return;
  item.checked = true;
  update(item.closest("[data-bulk]"));
});

on("click", "[data-bulk-item]", (event, item) => {
  const items = itemsOf(item.closest("[data-bulk]"));
  const [from, to] = [items.indexOf(lastClicked), items.indexOf(item)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) {
    for (const between of items.slice(from, to + 1)) between.checked = item.checked;
  }
  lastClicked = item;
});

on("click", "[data-bulk-none]", (event, button) => {
  const area = button.closest("[data-bulk]");
  for (const item of itemsOf(area)) item.checked = false;
  update(area);
  area.querySelector("[data-bulk-all], [data-bulk-item]")?.focus();
});

// data-open="#dialog" data-with-chosen: the dialog's form, which asks for a reason or a person, carries the chosen rows.
on("click", "[data-open][data-with-chosen]", (event, button) => {
  const form = document.querySelector(`${button.dataset.open} form`);
  for (const carried of form.querySelectorAll("[data-carried]")) carried.remove();
  for (const { name, value, checked } of itemsOf(button.closest("[data-bulk]"))) {
    if (checked) form.append(make("input", { type: "hidden", name, value, "data-carried": true }));
  }
});
