// Arrows and gateways: on which condition a branch is taken, built from the fields that were filled in before.
import { make } from "../dom.js";
import { is, stepsBefore } from "./elements.js";
import { areaField, checkField, dayInput, groupField, iconButton, selectField, selectInput, textButton } from "./fields.js";
import { HELP } from "./help.js";
import { phraseOf, titleOf } from "./naming.js";
import { readCondition, writeCondition } from "./notations.js";
import { fieldsOf } from "./panel_steps.js";

const OPERATORS = { "==": "là", "!=": "khác", "<": "nhỏ hơn", "<=": "không quá", ">": "lớn hơn", ">=": "ít nhất", true: "có", false: "không" };
const BY_TYPE = {
  checkbox: ["true", "false"],
  number: ["==", "!=", "<", "<=", ">", ">="],
  datetime: ["==", "<", "<=", ">", ">="],
};
const EQUALITY = ["==", "!="];

export function flowSections(context) {
  const { object } = context;
  if (is(object, "bpmn:SequenceFlow")) return branch(context);
  if (is(object, "bpmn:ExclusiveGateway") || is(object, "bpmn:InclusiveGateway")) return [defaultField(context)];
  return [];
}

const chooses = (element) => is(element, "bpmn:ExclusiveGateway") || is(element, "bpmn:InclusiveGateway");

function branch(context) {
  const { element, object, changes } = context;
  if (!chooses(element.source)) return [make("p", { class: "q-help" }, "Điều kiện chỉ đặt được trên mũi tên đi ra từ một cổng chọn nhánh.")];
  const gateway = element.source.businessObject;
  const isDefault = gateway.default === object;
  const setDefault = (on) => {
    changes.update(element.source, gateway, { default: on ? object : undefined });
    if (on && object.conditionExpression) changes.expression(element, object, "conditionExpression", "");
  };
  const fields = [checkField("Nhánh mặc định", isDefault, setDefault, { help: HELP.defaultFlow })];
  if (!isDefault) fields.push(conditionField(context));
  return fields;
}

function defaultField({ element, object, changes }) {
  const flows = element.outgoing.filter((flow) => is(flow, "bpmn:SequenceFlow"));
  const options = flows.map((flow) => [flow.id, flow.businessObject.name || `đến ${phraseOf(flow.target.businessObject)}`]);
  const choose = (id) => changes.update(element, object, { default: flows.find((flow) => flow.id === id)?.businessObject });
  return selectField("Nhánh mặc định", [["", "– Chưa chọn –"], ...options], object.default?.id ?? "", choose, { help: HELP.defaultFlow });
}

function conditionField(context) {
  const { element, object, changes } = context;
  const text = object.conditionExpression?.body ?? "";
  const write = (value) => changes.expression(element, object, "conditionExpression", value);
  const read = readCondition(text);
  const names = knownNames(context);
  const byHand = areaField("Viết tay", text, write, { help: HELP.condition, rows: 3, code: true });
  if (!read || read.rows.some(({ literal, operator, value }) => literal && !["true", "false"].includes(operator) && Number.isNaN(Number(value)))) {
    return groupField("Đi nhánh này khi", undefined, byHand);
  }
  const save = (rows, join = read.join) => write(writeCondition({ join, rows }));
  const rows = read.rows.map((row, index) => conditionRow(row, index, read.rows, save, names));
  const joins = [["and", "Đúng tất cả các dòng"], ["or", "Đúng một trong các dòng"]];
  return groupField(
    "Đi nhánh này khi",
    names.size ? HELP.conditionRows : HELP.noFields,
    ...(read.rows.length > 1 ? [selectInput(joins, read.join, (join) => save(read.rows, join), "Các dòng nối với nhau thế nào")] : []),
    ...rows,
    ...(names.size ? [textButton("plus", "Thêm dòng", () => save([...read.rows, freshRow(names)]))] : []),
    make("details", { class: "q-panel-more" }, make("summary", {}, "Viết tay"), byHand),
  );
}

/** Dotted name → {label, field} of all that was filled in before this gateway. */
function knownNames({ element, choices }) {
  const names = new Map();
  for (const step of stepsBefore(element.source)) {
    for (const field of fieldsOf(step, choices)) {
      names.set(`${step.id}.${field.key}`, { label: `${titleOf(step.businessObject)}: ${field.label}`, field });
    }
  }
  return names;
}

function freshRow(names) {
  const [name, { field }] = [...names][0];
  return rowFor(name, field);
}

function rowFor(name, field) {
  const operator = operatorsOf(field)[0];
  const value = field?.type === "number" ? "0" : (field?.options[0]?.value ?? "");
  return { name, operator, value, literal: field?.type === "number" };
}

const operatorsOf = (field) => (field ? (BY_TYPE[field.type] ?? EQUALITY) : Object.keys(OPERATORS));

function conditionRow(row, index, rows, save, names) {
  const number = index + 1;
  const known = names.get(row.name)?.field;
  const change = (values) => save(rows.map((other, place) => (place === index ? { ...row, ...values } : other)));
  const options = [...names].map(([name, { label }]) => [name, label]);
  const pickField = (name) => save(rows.map((other, place) => (place === index ? rowFor(name, names.get(name)?.field) : other)));
  const operators = operatorsOf(known).map((sign) => [sign, OPERATORS[sign]]);
  return make(
    "div",
    { class: "q-condition" },
    selectInput(options, row.name, pickField, `Dòng ${number}: trường`),
    selectInput(operators, row.operator, (operator) => change({ operator }), `Dòng ${number}: so sánh`),
    ...valueInput(row, number, known, change),
    iconButton("trash", `Bỏ dòng ${number}`, () => save(rows.filter((_, place) => place !== index))),
  );
}

function valueInput(row, number, field, change) {
  if (row.operator === "true" || row.operator === "false") return [];
  if (field?.options.length) return [selectInput(field.options.map(({ value, label }) => [value, label]), row.value, (value) => change({ value }), `Dòng ${number}: giá trị`)];
  if (field?.type === "datetime") return [dayInput(row.value, (value) => change({ value }), `Dòng ${number}: giá trị`)];
  const type = field?.type === "number" ? "number" : "text";
  const input = make("input", { class: "form-control", type, "aria-label": `Dòng ${number}: giá trị`, step: type === "number" ? "any" : undefined });
  input.value = row.value;
  input.addEventListener("change", () => change({ value: type === "number" ? String(Number(input.value) || 0) : input.value }));
  return [input];
}
