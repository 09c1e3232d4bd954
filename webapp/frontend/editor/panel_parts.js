// Parts that several kinds of elements share: a desk, a due time, a table of reminders.
import { make } from "../dom.js";
import { UNIT, recipientWords } from "../reminder_words.js";
import { laneOf, propertiesOf } from "./elements.js";
import { groupField, iconButton, numberInput, selectField, selectInput, textButton, textField, timeInput } from "./fields.js";
import { HELP } from "./help.js";
import { readDue, readReminders, writeDue, writeReminders } from "./notations.js";

const entries = (words) => Object.entries(words);

const named = (units) => entries(units).map(([code, name]) => [`${UNIT}${code}`, name]);

/** The parties of a case, then the ward's units. */
const places = ({ parties, units }) => [
  { group: "Theo từng nhiệm vụ", options: entries(parties) },
  { group: "Luôn là một đơn vị", options: named(units) },
];

/** Role and party; `blank` is what nothing chosen means. */
export function deskField(context, { help, blank }) {
  const { properties, choices, set } = context;
  const [role = "", party = ""] = (properties.assignee ?? "").split("@");
  const write = (newRole, newParty) => set({ assignee: newRole ? `${newRole}@${newParty || "lead"}` : "" });
  const children = [selectField("Vai trò", [["", blank], ...entries(choices.roles)], role, (value) => write(value, party))];
  if (role) children.push(selectField("Ở đơn vị", places(choices), party, (value) => write(role, value)));
  return groupField("Ai làm", help, ...children);
}

export function laneDesk(context) {
  const lane = laneOf(context.element);
  return lane ? { lane, desk: propertiesOf(lane).assignee } : {};
}

// --- due ---

const DUE_KINDS = {
  none: "Không có hạn",
  after: "Số ngày sau khi việc đến",
  date: "Từ một ngày của quy trình",
  text: "Biểu thức",
};

/** A due time as choices; `kinds` leaves some out. */
export function dueField(label, text, write, { choices, help, kinds = Object.keys(DUE_KINDS) }) {
  const due = readDue(text);
  const change = (values) => write(writeDue({ days: 1, date: "deadline", clock: "", ...due, ...values }));
  const options = kinds.map((kind) => [kind, DUE_KINDS[kind]]);
  const days = Math.abs(due.days ?? 1);
  const byHand = () => textField("Biểu thức", text, (value) => write(value), { help: HELP.expression, spellcheck: false });
  const details = make("div");
  const pick = (kind) => {
    if (kind !== "text") return change({ kind, days: kind === "date" ? -days : days });
    details.replaceChildren(byHand()); // What it says so far could be shown as choices again: so nothing is written yet.
    return details.querySelector("input").focus();
  };
  if (due.kind === "after") details.append(row(numberInput(due.days, (days) => change({ days }), "Số ngày làm việc", { max: 250 }), "ngày làm việc, lúc", clockOf(due, change)));
  if (due.kind === "date") details.append(...dateRows(due, change, choices));
  if (due.kind === "text") details.append(byHand());
  return groupField(label, help, selectInput(options, due.kind, pick, `${label}: cách tính`), details);
}

function dateRows(due, change, choices) {
  const dates = Object.entries(choices.dates);
  const signed = (count, before) => change({ days: before ? -count : count });
  const before = due.days < 0;
  return [
    selectInput(dates, due.date, (date) => change({ date }), "Ngày"),
    row(
      numberInput(Math.abs(due.days), (count) => signed(count, before), "Số ngày làm việc"),
      selectInput([["before", "ngày làm việc trước"], ["after", "ngày làm việc sau"]], before || !due.days ? "before" : "after", (side) => signed(Math.abs(due.days), side === "before"), "Trước hay sau ngày đó"),
    ),
    row("lúc", clockOf(due, change), "(để trống: hết ngày)"),
  ];
}

const clockOf = (due, change) => timeInput(due.clock, (clock) => change({ clock }), "Giờ; để trống là hết ngày");
const row = (...children) => make("div", { class: "q-panel-row" }, ...children);

// --- reminders ---

export function remindersField(context, { label, help }) {
  const { properties, choices, set } = context;
  const rows = readReminders(properties.reminders);
  if (!rows) {
    return groupField(label, help, textField("Viết tay", properties.reminders, (reminders) => set({ reminders }), { help: HELP.remindersText, spellcheck: false }));
  }
  const write = (changed) => set({ reminders: writeReminders(changed) });
  const table = make("ol", { class: "q-reminder-rows" }, ...rows.map((one, index) => reminderRow(one, index, rows, write, choices)));
  const fresh = { before: true, count: nextCount(rows), unit: "wd", clock: "08:00", recipients: ["holder"] };
  return groupField(label, help, table, textButton("plus", "Thêm mức nhắc", () => write([...rows, fresh])));
}

/** A level may stand there once only. */
function nextCount(rows) {
  const taken = new Set(rows.filter(({ before, unit }) => before && unit === "wd").map(({ count }) => count));
  let count = 2;
  while (taken.has(count)) count += 1;
  return count;
}

function reminderRow(one, index, rows, write, choices) {
  const number = index + 1;
  const change = (values) => write(rows.map((other, place) => (place === index ? { ...one, ...values } : other)));
  const remove = iconButton("trash", `Bỏ mức nhắc ${number}`, () => write(rows.filter((_, place) => place !== index)));
  const when = row(
    numberInput(one.count, (count) => change({ count }), `Mức ${number}: số`, { max: one.unit === "wd" ? 250 : 240 }),
    selectInput([["wd", "ngày làm việc"], ["h", "giờ"]], one.unit, (unit) => change({ unit, clock: unit === "wd" ? "08:00" : "" }), `Mức ${number}: đơn vị`),
    selectInput([["before", "trước hạn"], ["after", "sau hạn"]], one.before ? "before" : "after", (side) => change({ before: side === "before" }), `Mức ${number}: trước hay sau hạn`),
    ...(one.unit === "wd" ? [timeInput(one.clock, (clock) => change({ clock: clock || "08:00" }), `Mức ${number}: lúc`)] : []),
  );
  return make("li", {}, make("div", { class: "q-reminder-head" }, make("strong", {}, `Mức ${number}`), remove), when, recipientsOf(one, number, change, choices));
}

function recipientsOf(one, number, change, choices) {
  const left = (recipient) => change({ recipients: one.recipients.filter((other) => other !== recipient) });
  const chips = one.recipients.map((recipient) => {
    const words = recipientWords(choices, recipient);
    const children = one.recipients.length > 1 ? [iconButton("x", `Mức ${number}: bỏ ${words}`, () => left(recipient))] : [];
    return make("li", {}, words, ...children);
  });
  const taken = new Set(one.recipients);
  const free = entries(choices.recipients).filter(([value]) => !taken.has(value));
  const add = selectInput([["", "+ Người nhận"], ...free, ...desksByPlace(choices, taken)], "", (value) => value && change({ recipients: [...one.recipients, value] }), `Mức ${number}: thêm người nhận`);
  return make("div", { class: "q-recipients" }, make("ul", { "aria-label": `Mức ${number}: người nhận` }, ...chips), add);
}

/** Every desk that is not taken yet, under the party or unit where it is. */
export function desksByPlace(choices, taken) {
  return [...entries(choices.parties), ...named(choices.units)].map(([party, name]) => ({
    group: name,
    options: entries(choices.roles).map(([role, word]) => [`${role}@${party}`, `${word} – ${name}`]).filter(([desk]) => !taken.has(desk)),
  }));
}
