// A step behind a shape, before what followed it: one change, taken back as one.
const COMMAND = "step.append";

class AppendStep {
  static $inject = ["autoPlace", "elementFactory", "modeling"];

  constructor(autoPlace, elementFactory, modeling) {
    Object.assign(this, { autoPlace, elementFactory, modeling });
  }

  preExecute(context) {
    const { element, onward } = context;
    const step = this.autoPlace.append(element, this.elementFactory.createShape({ type: "bpmn:UserTask" }));
    if (onward) this.modeling.reconnectStart(onward, step, { x: step.x + step.width, y: step.y + step.height / 2 });
    context.step = step;
  }
}

export const appendsSteps = { __init__: [["commandStack", (commandStack) => commandStack.registerHandler(COMMAND, AppendStep)]] };

/** The new step; `onward` is the arrow that goes on from it instead. */
export function appendStep(modeler, element, onward) {
  const context = { element, onward };
  modeler.get("commandStack").execute(COMMAND, context);
  return context.step;
}
