// Labelled inputs of the properties panel. Each has help that a screen reader finds too. `whole`: see typing.js.
import { icon, make } from "../dom.js";
import { readDate, writtenDate } from "../notation.js";

let last = 0;

function wrapped(label, help, control, extra = []) {
  const id = `bt-${++last}`;
  control.id = id;
  const note = help && make("p", { class: "q-help", id: `${id}-note` }, help);
  if (note) control.setAttribute("aria-describedby", note.id);
  return make("div", { class: "mb-3" }, make("label", { class: "form-label", for: id }, label), control, ...extra, ...(note ? [note] : []));
}

export function textField(label, value, change, { help, placeholder, list, disabled = false, spellcheck = true, whole = false } = {}) {
  const input = make("input", { class: "form-control", type: "text", placeholder, list, disabled, autocomplete: "off", spellcheck: String(spellcheck), "data-whole": whole });
  input.value = value ?? "";
  input.addEventListener("change", () => change(input.value.trim()));
  return wrapped(label, help, input);
}

export function areaField(label, value, change, { help, rows = 3, code = false } = {}) {
  const input = make("textarea", { class: `form-control${code ? " font-monospace" : ""}`, rows, spellcheck: String(!code) });
  input.value = value ?? "";
  input.addEventListener("change", () => change(input.value.trim()));
  return wrapped(label, help, input);
}

export function numberInput(value, change, label, { min = 0, max = 250 } = {}) {
  const input = make("input", { class: "form-control q-number", type: "number", min, max, "aria-label": label });
  input.value = value;
  input.addEventListener("change", () => change(Math.max(min, Math.min(max, Math.trunc(Number(input.value) || 0)))));
  return input;
}

const TIME = /^([01]?\d|2[0-3])(?:[:hg.]([0-5]\d)?)?$/;

/** A time of the day as people here write it, "8:30" or "8h"; a browser's own input speaks the browser's language. */
export function timeInput(value, change, label) {
  return typedInput(value, change, { "aria-label": label, class: "form-control q-time", placeholder: "giờ:phút", maxlength: 5 }, (text) => {
    const found = TIME.exec(text);
    return found && `${found[1].padStart(2, "0")}:${found[2] ?? "00"}`;
  });
}

/** A day as "04/12/2026", kept as ISO text. */
export function dayInput(value, change, label) {
  return typedInput(value && writtenDate(value), change, { "aria-label": label, class: "form-control", placeholder: "ngày/tháng/năm", maxlength: 10 }, readDate);
}

/** What cannot be read goes back to what it was. */
function typedInput(shown, change, attributes, read) {
  const input = make("input", { type: "text", autocomplete: "off", inputmode: "numeric", "data-whole": true, ...attributes });
  input.value = shown ?? "";
  input.addEventListener("change", () => {
    const text = input.value.trim();
    const value = text && read(text);
    if (value === null) input.value = shown ?? "";
    else change(value);
  });
  return input;
}

/** options: [[value, label], …] or [{group, options}]. */
export function selectInput(options, value, change, label) {
  const select = make("select", { class: "form-select", "aria-label": label });
  const option = ([key, text]) => make("option", { value: key }, text);
  for (const entry of options) {
    select.append(Array.isArray(entry) ? option(entry) : make("optgroup", { label: entry.group }, ...entry.options.map(option)));
  }
  if (![...select.options].some((one) => one.value === value) && value) select.append(option([value, `${value} (không có trong danh sách)`]));
  select.value = value ?? "";
  select.addEventListener("change", () => change(select.value));
  return select;
}

export function selectField(label, options, value, change, { help } = {}) {
  const select = selectInput(options, value, change);
  select.removeAttribute("aria-label");
  return wrapped(label, help, select);
}

export function checkField(label, checked, change, { help } = {}) {
  const input = make("input", { class: "form-check-input", type: "checkbox" });
  input.checked = checked;
  input.addEventListener("change", () => change(input.checked));
  const box = make("label", { class: "form-check" }, input, make("span", { class: "form-check-label" }, label));
  if (!help) return make("div", { class: "mb-2" }, box);
  const note = make("p", { class: "q-help", id: `bt-${++last}-note` }, help);
  input.setAttribute("aria-describedby", note.id);
  return make("div", { class: "mb-3" }, box, note);
}

/** Several inputs under one heading that a screen reader says with each of them. */
export function groupField(label, help, ...children) {
  const note = help ? [make("p", { class: "q-help" }, help)] : [];
  return make("fieldset", { class: "q-fieldset" }, make("legend", {}, label), ...children, ...note);
}

export function iconButton(name, label, work) {
  const button = make("button", { type: "button", class: "btn btn-sm btn-plain", "aria-label": label, title: label }, icon(name));
  button.addEventListener("click", work);
  return button;
}

export function textButton(name, label, work) {
  const button = make("button", { type: "button", class: "btn btn-sm" }, icon(name), label);
  button.addEventListener("click", work);
  return button;
}
