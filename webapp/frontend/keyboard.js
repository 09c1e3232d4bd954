// Shortcuts that the page declares: data-key="a" on a button, link or field. "?" lists those of the page, and the keys
// that the drawing heeds itself: data-shown-key="Ctrl+Z".
// They never act while somebody types, and can be switched off (WCAG 2.1.4).
import { each, make } from "./dom.js";

const KEYED = ":is(a, button, input, textarea, select, summary)[data-key]";
const SWITCH = "quytrinh:keys";
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Enter: "Enter", " ": "Dấu cách" };

const enabled = () => localStorage.getItem(SWITCH) !== "off";
const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

const scope = () => document.querySelector("dialog[open]") ?? document;
const seen = (selector) => [...scope().querySelectorAll(selector)].filter(visible);

/** What can be pressed now: in the open dialog if there is one, else on the page. */
const keyed = () => seen(KEYED).filter((element) => !element.disabled);

function press(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

const labelOf = (element) =>
  element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.textContent.trim().replace(/\s+/g, " ");

function showHelp() {
  const list = make("dl", { class: "q-keys" });
  const entries = [
    ...keyed().map((element) => [NAMES[element.dataset.key] ?? element.dataset.key.toUpperCase(), labelOf(element)]),
    ...seen("[data-shown-key]").map((element) => [element.dataset.shownKey, labelOf(element)]),
    ["?", "Danh sách phím tắt này"],
  ];
  for (const [key, label] of entries) {
    list.append(make("dt", {}, make("kbd", {}, key)), make("dd", {}, label));
  }
  const box = make("input", { type: "checkbox", class: "form-check-input", id: "q-keys-on" });
  box.checked = enabled();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  const dialog = make(
    "dialog",
    { class: "q-dialog", "aria-labelledby": "q-keys-title" },
    make("div", { class: "q-dialog-head" }, make("h2", { id: "q-keys-title" }, "Phím tắt của trang này")),
    make(
      "div",
      { class: "q-dialog-body" },
      list,
      make("div", { class: "form-check" }, box, make("label", { class: "form-check-label", for: "q-keys-on" }, "Dùng phím tắt")),
    ),
    make("div", { class: "q-dialog-foot" }, make("button", { type: "button", class: "btn btn-primary", "data-close": true, autofocus: true }, "Đóng")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

each(KEYED, (element) => element.setAttribute("aria-keyshortcuts", element.dataset.key));

// Ctrl + Z takes back what the page offers to take back, Ctrl + Y or Ctrl + Shift + Z makes it again; in a field they
// stay the browser's own.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return;
  const key = `${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
  const wanted = { z: "form[data-undo]", y: "form[data-redo]", "shift+z": "form[data-redo]" }[key];
  const form = wanted && document.querySelector(wanted);
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "?" && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    showHelp();
    return;
  }
  if (!enabled()) return;
  // Enter and the space bar already mean the element that has the focus.
  if (["Enter", " "].includes(event.key) && event.target.closest?.("a, button, summary, input")) return;
  const element = keyed().find(({ dataset }) => dataset.key.toLowerCase() === event.key.toLowerCase());
  if (!element) return;
  event.preventDefault();
  press(element);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-key-help]")) showHelp();
});
