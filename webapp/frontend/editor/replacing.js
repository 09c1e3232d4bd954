// The menus offer what can be deployed, and nothing else. What a file brings along can still be seen and be changed away from.
// engine/spiff knows the same (ACTIVITIES, GATEWAYS, ALLOWED); a test holds the two together.
const SHAPES = ["UserTask", "ManualTask", "ScriptTask", "ServiceTask", "SendTask", "ReceiveTask", "SubProcess", "CallActivity", "ExclusiveGateway", "ParallelGateway", "InclusiveGateway", "EventBasedGateway"];
const EVENTS = {
  StartEvent: ["", "Message", "Timer", "Signal"],
  EndEvent: ["", "Message", "Signal", "Error", "Escalation", "Terminate"],
  IntermediateCatchEvent: ["Message", "Timer", "Signal"],
  IntermediateThrowEvent: ["", "Message", "Signal", "Escalation"],
  BoundaryEvent: ["Message", "Timer", "Signal", "Error", "Escalation"],
};
const STARTS_BESIDE = ["Message", "Timer", "Signal", "Error", "Escalation"];
/** What may tell its border an error or escalation. */
const TELLING = { Error: ["SubProcess", "CallActivity", "ServiceTask"], Escalation: ["SubProcess", "CallActivity"] };
const REST = ["DataObjectReference", "DataStoreReference", "Participant", "SequenceFlow"];

const bare = (type) => type?.replace(/^bpmn:/, "").replace(/EventDefinition$/, "") ?? "";

/** Whether a shape that a menu offers can be deployed; `object` is what would become it. */
export function runs({ type, eventDefinitionType }, object) {
  const [kind, event] = [bare(type), bare(eventDefinitionType)];
  if (SHAPES.includes(kind) || REST.includes(kind)) return true;
  if (kind === "StartEvent" && object?.$parent?.triggeredByEvent) return STARTS_BESIDE.includes(event);
  const tells = kind !== "BoundaryEvent" || !TELLING[event] || !object?.attachedToRef || TELLING[event].includes(bare(object.attachedToRef.$type));
  return Boolean(EVENTS[kind]?.includes(event)) && tells;
}

function OnlyWhatRuns(replaceMenuProvider, contextPad) {
  const create = replaceMenuProvider._createEntries;
  replaceMenuProvider._createEntries = function (element, options) {
    return create.call(this, element, options.filter(({ target }) => runs(target, element.businessObject)));
  };
  const without = (names) => (entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(name)));
  const provider = { getContextPadEntries: () => without(["append.condition-intermediate-event", "append.compensation-activity"]) };
  contextPad.registerProvider(500, provider); // After the tool's own.
}
OnlyWhatRuns.$inject = ["replaceMenuProvider", "contextPad"];

export const onlyWhatRuns = { __init__: ["onlyWhatRuns"], onlyWhatRuns: ["type", OnlyWhatRuns] };
