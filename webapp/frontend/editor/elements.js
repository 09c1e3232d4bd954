// Reading and changing what a diagram's element says. Every change goes through the modeler's commands: it can be undone.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

export const NAMESPACE = "http://spiffworkflow.org/bpmn/schema/1.0/core";

export { is };

const local = (entry, name) => entry.$descriptor?.isGeneric && entry.$descriptor.ns.uri === NAMESPACE && entry.$descriptor.ns.localName === name;

/** The element of the model that carries the properties: a pool stands for its process. */
export function carrier(element) {
  const object = getBusinessObject(element);
  return is(object, "bpmn:Participant") && object.processRef ? object.processRef : object;
}

const holderOf = (object) => object.extensionElements?.values?.find((value) => local(value, "properties"));
const entriesOf = (object) => (holderOf(object)?.$children ?? []).filter((entry) => local(entry, "property"));

/** {name: value} of the element's `spiffworkflow:property` entries. */
export function propertiesOf(object) {
  return Object.fromEntries(entriesOf(object).map((entry) => [(entry.name ?? "").trim(), (entry.value ?? "").trim()]));
}

export class Changes {
  constructor(modeler) {
    this.moddle = modeler.get("moddle");
    this.modeling = modeler.get("modeling");
    this.bpmnFactory = modeler.get("bpmnFactory");
    this.modeler = modeler;
  }

  /** Set properties of ours; an empty value removes one. */
  set(element, changes) {
    const object = carrier(element);
    const kept = Object.entries({ ...propertiesOf(object), ...changes }).filter(([, value]) => value !== "" && value !== undefined);
    const others = (object.extensionElements?.values ?? []).filter((value) => !local(value, "properties"));
    const values = kept.length ? [this.#holder(object, kept), ...others] : others;
    const extension = values.length ? this.bpmnFactory.create("bpmn:ExtensionElements", { values }) : undefined;
    if (extension) {
      extension.$parent = object;
      for (const value of values) value.$parent = extension;
    }
    this.modeling.updateModdleProperties(element, object, { extensionElements: extension });
  }

  /** A new list of entries; what other tools wrote beside ours stays in it. */
  #holder(object, entries) {
    const before = holderOf(object);
    const prefix = before?.$descriptor.ns.prefix ?? "spiffworkflow";
    const foreign = (before?.$children ?? []).filter((entry) => !local(entry, "property"));
    const children = entries.map(([name, value]) => this.moddle.createAny(`${prefix}:property`, NAMESPACE, { name, value }));
    const holder = this.moddle.createAny(`${prefix}:properties`, NAMESPACE, { $children: [...children, ...foreign] });
    for (const child of holder.$children) child.$parent = holder;
    return holder;
  }

  /** Set what BPMN itself has: a name, a default flow, an element inside. */
  update(element, object, values) {
    this.modeling.updateModdleProperties(element, object, values);
  }

  rename(element, name) {
    this.modeling.updateProperties(element, { name: name || undefined });
  }

  document(element, text) {
    const object = carrier(element);
    const documentation = text ? [this.bpmnFactory.create("bpmn:Documentation", { text })] : [];
    for (const entry of documentation) entry.$parent = object;
    this.update(element, object, { documentation });
  }

  expression(element, object, name, text) {
    const value = text ? this.bpmnFactory.create("bpmn:FormalExpression", { body: text }) : undefined;
    if (value) value.$parent = object;
    this.update(element, object, { [name]: value });
  }

  /** The message, signal, error or escalation of that name, made where there is none. */
  shared({ type, key }, name) {
    const definitions = this.modeler.getDefinitions();
    const found = definitions.rootElements.find((root) => is(root, type) && root[key] === name);
    if (found || !name) return found;
    const made = this.bpmnFactory.create(type, { name, [key]: name });
    made.$parent = definitions;
    definitions.rootElements.push(made);
    return made;
  }
}

/** What events share, and where each keeps its name. */
export const SHARED = {
  message: { type: "bpmn:Message", key: "name", reference: "messageRef" },
  signal: { type: "bpmn:Signal", key: "name", reference: "signalRef" },
  error: { type: "bpmn:Error", key: "errorCode", reference: "errorRef" },
  escalation: { type: "bpmn:Escalation", key: "escalationCode", reference: "escalationRef" },
};

/** Names of all messages (or signals, …) of the file. */
export const sharedNames = (modeler, { type, key }) =>
  modeler.getDefinitions().rootElements.filter((root) => is(root, type) && root[key]).map((root) => root[key]);

export const documentationOf = (object) => (object.documentation ?? []).map((entry) => entry.text ?? "").join("\n");

/** The lane an element lies in, the innermost one. */
export function laneOf(element) {
  const object = getBusinessObject(element);
  const lanes = object.lanes ?? [];
  return lanes.find((lane) => !lane.childLaneSet) ?? lanes[0];
}

export const eventDefinitionOf = (object, type) => object.eventDefinitions?.find((definition) => is(definition, type));

/** The steps of people that can be reached backwards from an element, nearest first. */
export function stepsBefore(element) {
  const seen = new Set();
  const steps = [];
  let front = [element];
  while (front.length) {
    const next = [];
    for (const one of front) {
      if (!one || seen.has(one)) continue;
      seen.add(one);
      if (is(one, "bpmn:UserTask") || is(one, "bpmn:ManualTask") || isMessageCatch(one)) steps.push(one);
      next.push(...(one.incoming ?? []).filter((flow) => is(flow, "bpmn:SequenceFlow")).map((flow) => flow.source), one.host);
    }
    front = next;
  }
  return steps;
}

const isMessageCatch = (element) =>
  Boolean(element.businessObject && eventDefinitionOf(element.businessObject, "bpmn:MessageEventDefinition") && propertiesOf(element.businessObject).form);
