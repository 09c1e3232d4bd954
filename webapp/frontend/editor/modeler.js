// The drawing tool: bpmn-js in Vietnamese, with what our diagrams need.
import Modeler from "bpmn-js/lib/Modeler";
import minimap from "diagram-js-minimap";
import { appendsSteps } from "./appending.js";
import { danglingOf, keepDangling } from "./dangling.js";
import { NAMESPACE } from "./elements.js";
import { insertsOnArrows } from "./inserting.js";
import { laidOut } from "./layout.js";
import { onlyWhatRuns } from "./replacing.js";
import { searchPlainly } from "./searching.js";
import { translate } from "./vietnamese.js";

/** A step that somebody draws is a step of a person until it is made another kind. */
function StepsOfPeople(elementFactory) {
  const create = elementFactory.create;
  elementFactory.create = function (type, attributes, ...rest) {
    const unsaid = attributes?.type === "bpmn:Task" && !attributes.businessObject;
    return create.call(this, type, unsaid ? { ...attributes, type: "bpmn:UserTask" } : attributes, ...rest);
  };
}
StepsOfPeople.$inject = ["elementFactory"];

/** Names of lists, which BPMN writes as references. */
const LISTS = ["loopDataInputRef", "loopDataOutputRef"];

/** What other tools wrote beside an element goes with it when it is copied or made another kind. */
function KeepsForeignContent(eventBus, moddle) {
  const copy = (element) => {
    const { prefix, localName, uri } = element.$descriptor.ns;
    const plain = Object.entries(element).filter(([name]) => !name.startsWith("$") || name === "$body");
    const made = moddle.createAny(`${prefix}:${localName}`, uri, Object.fromEntries(plain));
    if (element.$children) made.$children = element.$children.map((child) => Object.assign(copy(child), { $parent: made }));
    return made;
  };
  eventBus.on("moddleCopy.canCopyProperty", ({ property, propertyName, parent }) => {
    if (LISTS.includes(propertyName)) return property;
    if (property?.$descriptor?.isGeneric) return Object.assign(copy(property), { $parent: parent });
    return undefined;
  });
}
KeepsForeignContent.$inject = ["eventBus", "moddle"];

const ours = {
  __init__: ["stepsOfPeople", "keepsForeignContent"],
  stepsOfPeople: ["type", StepsOfPeople],
  keepsForeignContent: ["type", KeepsForeignContent],
  translate: ["value", translate],
  search: ["value", searchPlainly],
};

export function createModeler(container, modules = []) {
  const modeler = new Modeler({ container, additionalModules: [minimap, ours, appendsSteps, insertsOnArrows, onlyWhatRuns, ...modules] });
  modeler.on("import.parse.complete", (parsed) => {
    modeler.dangling = danglingOf(parsed); // Nothing is returned: that would take the place of what was read.
  });
  return modeler;
}

/** Open a file; one without a layout gets one, others where that is asked for. Resolves to whether it was laid out. */
export async function open(modeler, xml, { anew = false } = {}) {
  const { warnings } = await tryImport(modeler, xml);
  const bare = anew || !modeler.getDefinitions()?.diagrams?.length;
  if (bare) await modeler.importXML(await laidOut(xml));
  keepDangling(modeler.dangling);
  declareNamespace(modeler);
  return { laidOut: bare, warnings };
}

async function tryImport(modeler, xml) {
  try {
    return await modeler.importXML(xml);
  } catch (error) {
    if (!/no diagram to display/.test(error.message)) throw error;
    return { warnings: [] };
  }
}

/** Files of other tools don't name our vocabulary yet. */
function declareNamespace(modeler) {
  const definitions = modeler.getDefinitions();
  const declared = Object.values(definitions.$attrs).includes(NAMESPACE);
  if (!declared && !definitions.$attrs["xmlns:spiffworkflow"]) definitions.$attrs["xmlns:spiffworkflow"] = NAMESPACE;
}

export async function written(modeler) {
  const { xml } = await modeler.saveXML({ format: true });
  return xml;
}
