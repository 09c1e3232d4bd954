// What comes after a shape, without drawing: for whoever works by keyboard, at a high zoom or on a phone.
import { appendStep } from "./appending.js";
import { is } from "./elements.js";
import { groupField, selectField, textButton } from "./fields.js";
import { HELP } from "./help.js";
import { titleOf } from "./naming.js";
import { reveal } from "./revealing.js";

export function nextSections(context) {
  const { element, object, modeler } = context;
  if (!is(object, "bpmn:FlowNode") || is(object, "bpmn:EndEvent") || object.triggeredByEvent || object.isForCompensation) return [];
  const parts = is(object, "bpmn:EventBasedGateway") ? [] : [textButton("plus", "Thêm bước sau hình này", () => append(context))];
  const targets = targetsOf(element, modeler);
  if (targets.length) {
    const options = targets.map(({ id, businessObject }) => [id, titleOf(businessObject)]).sort(([, one], [, other]) => one.localeCompare(other, "vi"));
    const connect = (id) => modeler.get("modeling").connect(element, modeler.get("elementRegistry").get(id));
    parts.push(selectField("Nối mũi tên tới", [["", "– Chọn hình –"], ...options], "", (id) => id && connect(id)));
  }
  return parts.length ? [groupField("Đi tiếp", HELP.next, ...parts)] : [];
}

/** Where an arrow may lead that does not lead there yet. */
function targetsOf(element, modeler) {
  const reached = new Set(element.outgoing.map((flow) => flow.target));
  const rules = modeler.get("bpmnRules");
  const may = (other) => !reached.has(other) && rules.canConnect(element, other)?.type === "bpmn:SequenceFlow";
  return modeler.get("elementRegistry").filter((other) => other !== element && !other.labelTarget && !other.waypoints && is(other, "bpmn:FlowNode") && may(other));
}

/** Between the shape and what follows it; after a gateway it is another branch. */
function append({ element, object, modeler, leads }) {
  const onward = element.outgoing.filter((flow) => is(flow, "bpmn:SequenceFlow"));
  const step = appendStep(modeler, element, onward.length === 1 && !is(object, "bpmn:Gateway") ? onward[0] : undefined);
  leads();
  reveal(modeler, step);
}
