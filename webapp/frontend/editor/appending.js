// A step behind a shape, before what followed it: one change, taken back as one.
import { placesInLanes } from "./placing.js";

const COMMAND = "step.append";

class AppendStep {
  static $inject = ["placing", "elementFactory", "modeling"];

  constructor(placing, elementFactory, modeling) {
    Object.assign(this, { placing, elementFactory, modeling });
  }

  preExecute(context) {
    const { element, onward } = context;
    const shape = this.elementFactory.createShape({ type: "bpmn:UserTask" });
    const place = onward ? this.placing.between(element, shape, onward) : this.placing.behind(element, shape);
    const step = this.modeling.appendShape(element, shape, place, element.parent);
    if (onward) this.modeling.reconnectStart(onward, step, { x: step.x + step.width, y: step.y + step.height / 2 });
    context.step = step;
  }
}

export const appendsSteps = {
  __depends__: [placesInLanes],
  __init__: [["commandStack", (commandStack) => commandStack.registerHandler(COMMAND, AppendStep)]],
};

/** The new step; `onward` is the arrow that goes on from it instead. */
export function appendStep(modeler, element, onward) {
  const context = { element, onward };
  modeler.get("commandStack").execute(COMMAND, context);
  return context.step;
}
