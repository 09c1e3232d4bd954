// A shape that is dropped on an arrow too short for it: bpmn-js would leave it over both ends, tied to neither.
import { is } from "./elements.js";
import { placesInLanes } from "./placing.js";

const BEFORE_ITS_PARENT_CHANGES = 1500; // The arrow is its parent until then.

class Inserting {
  static $inject = ["bpmnRules", "eventBus", "placing"];

  constructor(bpmnRules, eventBus, placing) {
    eventBus.on("commandStack.shape.create.preExecute", BEFORE_ITS_PARENT_CHANGES, ({ context }) => {
      const { parent: arrow, position, shape } = context;
      if (!is(arrow, "bpmn:SequenceFlow") || !bpmnRules.canInsert(shape, arrow) || placing.fits(position, shape, arrow)) return;
      context.position = placing.between(arrow.source, shape, arrow);
    });
  }
}

export const insertsOnArrows = { __depends__: [placesInLanes], __init__: ["inserting"], inserting: ["type", Inserting] };
