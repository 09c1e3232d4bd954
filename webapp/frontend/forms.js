// Forms drawn by components/form.html: shows and hides by conditions, marks what is required, adds and removes rows,
// offers a calendar, and leads from the list of faults to the fields. Without this script every field stays visible
// and the server decides alone. Importing it where there is no document does nothing.
import { each, icon, make, on } from "./dom.js";
import { holds } from "./expressions.js";
import { readDate, readNumber, writtenDate } from "./notation.js";
import { toast } from "./toast.js";

const NUMBERED = ["id", "name", "for", "aria-describedby", "aria-labelledby", "data-upload-name"];
const asts = new Map();

function parsed(json) {
  if (!asts.has(json)) asts.set(json, JSON.parse(json));
  return asts.get(json);
}

// ── what was entered ──

const oneLine = (text) => text.normalize("NFC").trim().replace(/\s+/g, " ") || null;
const controls = (part, selector) => [...part.querySelectorAll(selector)];

const READERS = {
  text: (part) => oneLine(part.querySelector("input").value),
  textarea: (part) => part.querySelector("textarea").value.normalize("NFC").trim() || null,
  number: (part) => {
    const unit = part.querySelector(".input-group-text")?.textContent ?? "";
    const text = part.querySelector("input").value.trim();
    return readNumber(unit && text.endsWith(unit) ? text.slice(0, -unit.length) : text);
  },
  date: (part) => readDate(part.querySelector("input[name]").value),
  select: (part) => part.querySelector("select").value || null,
  radios: (part) => part.querySelector("input:checked")?.value ?? null,
  checks: (part) => controls(part, "input:checked").map(({ value }) => value),
  checkbox: (part) => part.querySelector("input").checked,
  files: (part) => controls(part, "input[type=hidden]").map(({ value }) => value),
};

const nothing = (value) => value === null || value === false || (Array.isArray(value) && !value.length);

// ── conditions ──

/** The elements of an area that are its own, not those of rows inside it. */
const own = (area, selector) => controls(area, selector).filter((element) => element.closest("[data-row], [data-form]") === area);

const isWithin = (element, hidden, area) => {
  for (let each = element; each && each !== area; each = each.parentElement) if (hidden.has(each)) return true;
  return false;
};

/** Decide an area, a form or a row: repeated until what is hidden no longer changes what is hidden. */
function decide(area, names) {
  const parts = own(area, "[data-key]");
  const conditional = own(area, "[data-hide-when]");
  let hidden = new Set();
  let decision;
  for (let turn = 0; turn <= conditional.length; turn++) {
    decision = read(area, parts, hidden, names);
    const next = new Set(conditional.filter((element) => holds(parsed(element.dataset.hideWhen), decision.scope)));
    if (next.size === hidden.size && [...next].every((element) => hidden.has(element))) break;
    hidden = next;
  }
  return { ...decision, area, parts, conditional, hidden };
}

function read(area, parts, hidden, names) {
  const scope = { ...names };
  const rows = [];
  const shown = (part) => !isWithin(part, hidden, area);
  for (const part of parts) scope[part.dataset.key] = shown(part) ? (READERS[part.dataset.kind]?.(part) ?? null) : null;
  for (const part of parts.filter((each) => each.dataset.kind === "rows" && shown(each))) {
    const decided = rowsOf(part).map((row) => decide(row, scope));
    rows.push(...decided);
    scope[part.dataset.key] = decided.map(answers).filter((row) => !Object.values(row).every(nothing));
  }
  return { scope, rows };
}

function answers({ area, parts, hidden, scope }) {
  const shown = parts.filter((part) => !isWithin(part, hidden, area));
  return Object.fromEntries(shown.map(({ dataset: { key } }) => [key, scope[key]]));
}

function apply({ parts, conditional, hidden, scope, rows }) {
  for (const element of conditional) element.hidden = hidden.has(element);
  for (const part of parts) {
    if (part.dataset.requiredWhen) mark(part, holds(parsed(part.dataset.requiredWhen), scope));
  }
  rows.forEach(apply);
}

function mark(part, required) {
  part.querySelector("[data-label]").classList.toggle("required", required);
  const control = part.querySelector("[role=radiogroup]") ?? part.querySelector("[name]:not([type=hidden])");
  if (part.dataset.kind === "checks" || part.dataset.kind === "rows" || !control) return;
  if (required) control.setAttribute("aria-required", "true");
  else control.removeAttribute("aria-required");
}

/** Show what the answers ask for. */
export function settle(form) {
  apply(decide(form, JSON.parse(form.dataset.formNames || "{}")));
}

// ── rows ──

const rowsOf = (part) => controls(part, "tbody > [data-row]");
const listOf = (element) => element.closest("[data-rows]");

function addRow(list) {
  const row = list.querySelector("template[data-row-template]").content.firstElementChild.cloneNode(true);
  list.querySelector("tbody").append(row);
  prepareRow(row);
  renumber(list);
  return row;
}

function prepareRow(row) {
  for (const button of controls(row, "[data-row-remove]")) button.hidden = false;
  controls(row, "[data-date]").forEach(offerCalendar);
}

/** Names, ids and what refers to them follow the place of the row. */
function renumber(list) {
  const base = list.dataset.rows.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const numbered = new RegExp(`(^|[\\s-])${base}-(?:\\d+|__row__)-`, "g");
  const rows = rowsOf(list);
  rows.forEach((row, index) => {
    for (const element of controls(row, "*")) {
      for (const name of NUMBERED) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(numbered, `$1${list.dataset.rows}-${index}-`));
      }
    }
    for (const number of controls(row, "[data-row-number]")) number.textContent = index + 1;
  });
  list.querySelector("[data-row-add]").disabled = rows.length >= Number(list.dataset.maxRows);
}

const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));
const focusFirst = (row) => row.querySelector("input:not([type=hidden]), select, textarea")?.focus();

function removeRow(button) {
  const list = listOf(button);
  const row = button.closest("[data-row]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const place = rowsOf(list).indexOf(row);
  row.remove();
  renumber(list);
  changed(list);
  (next?.querySelector("[data-row-remove]") ?? list.querySelector("[data-row-add]")).focus();
  if (saysSomething(row)) toast(`Đã bỏ dòng ${place + 1}.`, { undo: () => putBack(list, row, place) });
}

const saysSomething = (row) =>
  controls(row, "[name]").some(({ type, checked, value }) => (type === "checkbox" || type === "radio" ? checked : value.trim()));

function putBack(list, row, place) {
  const after = rowsOf(list)[place];
  if (after) after.before(row);
  else list.querySelector("tbody").append(row);
  renumber(list);
  changed(list);
  focusFirst(row);
}

const CELLS = "input:not([type=hidden], [type=date], [type=file], [type=checkbox], [type=radio]), textarea";

/** Cells copied from a table of Word or Excel go each into a field of its own, from the one where they are put. */
function pasteCells(event, field) {
  const text = event.clipboardData.getData("text/plain");
  const list = listOf(field);
  if (!text.includes("\t")) return;
  event.preventDefault();
  const column = controls(field.closest("[data-row]"), CELLS).indexOf(field);
  const first = rowsOf(list).indexOf(field.closest("[data-row]"));
  const lines = text.replace(/\s+$/, "").split(/\r?\n/);
  const put = lines.slice(0, Number(list.dataset.maxRows) - first);
  const rows = rowsOf(list);
  const before = rows.flatMap((row) => controls(row, `${CELLS}, select`).map((cell) => [cell, cell.value]));
  put.forEach((line, n) => {
    const fields = controls(rowsOf(list)[first + n] ?? addRow(list), CELLS).slice(column);
    const cells = line.split("\t").slice(0, fields.length);
    cells.forEach((cell, at) => (fields[at].value = cell.trim()));
  });
  changed(list);
  const left = lines.length - put.length;
  toast(`Đã dán ${put.length} dòng vào bảng${left ? `; còn ${left} dòng không đủ chỗ` : ""}.`, {
    undo: () => {
      for (const [cell, value] of before) cell.value = value;
      for (const row of rowsOf(list)) if (!rows.includes(row)) row.remove();
      renumber(list);
      changed(list);
    },
  });
}

function prepareList(list) {
  const rows = rowsOf(list);
  if (rows.length > 1) rows.filter((row) => row.dataset.spare !== undefined).forEach((row) => row.remove());
  list.querySelector("[data-row-add]").hidden = false;
  rowsOf(list).forEach(prepareRow);
  renumber(list);
}

/** A draft that comes back may have more rows than the page. */
function makeRoom(form, values) {
  for (const list of controls(form, "[data-rows]")) {
    const start = `${list.dataset.rows}-`;
    const indices = values.filter(([name]) => name.startsWith(start)).map(([name]) => parseInt(name.slice(start.length), 10));
    const wanted = Math.min(Math.max(-1, ...indices.filter(Number.isInteger)) + 1, Number(list.dataset.maxRows));
    while (rowsOf(list).length < wanted) addRow(list);
  }
}

// ── dates ──

/** A button beside a typed date that opens the browser's calendar. */
function offerCalendar(group) {
  if (group.querySelector("[data-calendar]")) return;
  const typed = group.querySelector("input[name]");
  const native = make("input", { type: "date", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true" });
  const button = make("button", { type: "button", class: "btn btn-icon", "data-calendar": true, "aria-label": "Mở lịch để chọn ngày" }, icon("calendar"));
  button.addEventListener("click", () => {
    native.value = readDate(typed.value) ?? "";
    native.showPicker();
  });
  native.addEventListener("input", (event) => event.stopPropagation());
  native.addEventListener("change", (event) => {
    event.stopPropagation(); // The typed date speaks for both.
    typed.value = native.value ? writtenDate(native.value) : "";
    for (const type of ["input", "change"]) typed.dispatchEvent(new Event(type, { bubbles: true }));
  });
  group.append(button, native);
}

// ── the page ──

function goTo(event, link) {
  const target = document.getElementById(link.getAttribute("href").slice(1));
  if (!target) return;
  event.preventDefault();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
}

/** Begin: for the forms on the page, and those that come later. */
export function startForms() {
  each("[data-form] [data-rows]", prepareList);
  each("[data-form] [data-date]", offerCalendar);
  each("[data-form]", settle);
  each("[data-error-summary]", (summary) => summary.focus());
  for (const type of ["input", "change"]) on(type, "[data-form]", (event, form) => settle(form));
  on("click", "[data-error-summary] a", goTo);
  on("paste", `[data-row] :is(${CELLS})`, pasteCells);
  on("click", "[data-row-remove]", (event, button) => removeRow(button));
  on("click", "[data-row-add]", (event, button) => {
    const list = listOf(button);
    focusFirst(addRow(list));
    changed(list);
  });
  on("draft:restore", "form", ({ detail }, form) => makeRoom(form, detail.values));
}

if (typeof document !== "undefined") startForms();
