// Shows an element of the drawing: large enough to read, in the middle where it was not in sight, and chosen.
import { getBBox } from "diagram-js/lib/util/Elements";

const LEAST = 0.6; // of its size, to be read
const READABLE = 0.8;

export function reveal(modeler, element) {
  if (!element) return;
  const canvas = modeler.get("canvas");
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  if (element !== root) bringIntoSight(canvas, getBBox(element));
  canvas.getContainer().scrollIntoView({ block: "nearest" }); // At a high zoom the page is taller than the window.
  modeler.get("selection").select(element);
}

function bringIntoSight(canvas, { x, y, width, height }) {
  const { outer, ...view } = canvas.viewbox();
  const inSight = x >= view.x && y >= view.y && x + width <= view.x + view.width && y + height <= view.y + view.height;
  if (inSight && view.scale >= LEAST) return;
  const scale = view.scale < LEAST ? READABLE : view.scale;
  const [wide, high] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high });
}
