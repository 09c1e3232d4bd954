// Steps: who, with which form, until when, and what else our engine knows of them.
import { make } from "../dom.js";
import { deskWords } from "../reminder_words.js";
import { is, propertiesOf, stepsBefore } from "./elements.js";
import { areaField, checkField, groupField, selectField, textField } from "./fields.js";
import { HELP } from "./help.js";
import { titleOf } from "./naming.js";
import { deskField, dueField, laneDesk, remindersField } from "./panel_parts.js";

export function stepSections(context) {
  const { object } = context;
  if (is(object, "bpmn:UserTask") || is(object, "bpmn:ManualTask")) return personStep(context);
  if (is(object, "bpmn:ServiceTask")) return [serviceField(context)];
  if (is(object, "bpmn:ScriptTask")) return [scriptField(context)];
  return [];
}

function personStep(context) {
  const { properties, set, choices } = context;
  const { desk } = laneDesk(context);
  const inherited = desk ? `Theo làn: ${deskWords(choices, desk)}` : "– Chưa chọn –";
  return [
    deskField(context, { help: HELP.desk, blank: inherited }),
    formField(context, HELP.form),
    dueField("Hạn", properties.due, (due) => set({ due }), { choices, help: HELP.due }),
    checkField("Chạy theo hạn của nhiệm vụ", properties.clock === "case", (on) => set({ clock: on ? "case" : "" }), { help: HELP.clock }),
    remindersField(context, { label: "Nhắc việc và đôn đốc", help: HELP.reminders }),
    advanced(context),
  ];
}

/** The form that a step, or the sender of a message, fills in. */
export function formField({ properties, set, choices }, help) {
  const often = (title) => choices.forms.filter((form) => form.title === title).length > 1;
  const option = ({ id, title }) => [id, often(title) && title !== id ? `${title} (${id})` : title];
  const own = choices.forms.filter((form) => form.own).map(option);
  const others = choices.forms.filter((form) => !form.own).map(option);
  const groups = [["", "– Chưa chọn –"], { group: "Của quy trình này", options: own }, { group: "Có sẵn", options: others }];
  return selectField("Biểu mẫu", groups, properties.form ?? "", (form) => set({ form }), { help });
}

function advanced(context) {
  const { properties, set, choices, element, modeler } = context;
  return make(
    "details",
    { class: "q-panel-more", open: Boolean(properties.person || properties.separate_from) },
    make("summary", {}, "Nâng cao"),
    textField("Giao đích danh cho", properties.person, (person) => set({ person }), { help: HELP.person, list: personList(context), spellcheck: false }),
    separationField(properties, set, element, modeler),
    checkField("Cho xử lý nhiều việc một lần", properties.batch === "true", (on) => set({ batch: on ? "true" : "" }), { help: HELP.batch }),
    stageField(context),
    selectField("Nội dung gửi được ghi nhận thành", [["", "– Không –"], ...Object.entries(choices.records)], properties.records ?? "", (records) => set({ records }), { help: HELP.records }),
  );
}

export function stageField({ properties, set, choices }) {
  return selectField("Giai đoạn", [["", "– Không đổi –"], ...Object.entries(choices.stages)], properties.stage ?? "", (stage) => set({ stage }), { help: HELP.stage });
}

/** Names of persons that forms before this step ask for. */
function personList({ element, choices }) {
  const names = stepsBefore(element).flatMap((step) => fieldsOf(step, choices).filter(({ type }) => type === "person").map(({ key }) => `${step.id}.${key}`));
  const list = document.getElementById("q-persons") ?? document.body.appendChild(make("datalist", { id: "q-persons" }));
  list.replaceChildren(...["last_doer", ...new Set(names)].map((value) => make("option", { value })));
  return "q-persons";
}

/** The fields of a step's form that expressions may use. */
export function fieldsOf(step, choices) {
  const { form } = propertiesOf(step.businessObject);
  return choices.forms.find(({ id }) => id === form)?.fields ?? [];
}

function separationField(properties, set, element, modeler) {
  const chosen = new Set((properties.separate_from ?? "").split(/\s+/).filter(Boolean));
  const steps = modeler.get("elementRegistry").filter((other) => is(other, "bpmn:UserTask") && other !== element && !other.labelTarget);
  const boxes = steps.map((step) =>
    checkField(titleOf(step.businessObject), chosen.has(step.id), (on) => {
      const next = new Set(chosen);
      if (on) next.add(step.id);
      else next.delete(step.id);
      set({ separate_from: [...next].join(" ") });
    }),
  );
  return groupField("Không được cùng người với", HELP.separateFrom, make("div", { class: "q-scroll-list" }, ...boxes));
}

function serviceField({ properties, set, choices }) {
  return selectField("Dịch vụ", [["", "– Chưa chọn –"], ...Object.entries(choices.services)], properties.service ?? "", (service) => set({ service }), { help: HELP.service });
}

function scriptField({ element, object, changes }) {
  return areaField("Phép tính", object.script, (script) => changes.update(element, object, { script: script || undefined }), { help: HELP.script, rows: 5, code: true });
}
