// Room behind a shape for one more: all that lies ahead moves on, pools and lanes grow, and arrows keep their course.
import { selfAndAllChildren } from "diagram-js/lib/util/Elements";
import { is } from "./elements.js";

class Room {
  static $inject = ["canvas", "modeling", "spaceTool"];

  constructor(canvas, modeling, spaceTool) {
    Object.assign(this, { canvas, modeling, spaceTool });
  }

  /** To the right of `source`, so wide. */
  make(source, width) {
    const start = source.x + (is(source, "bpmn:SubProcess") ? source.width : source.width / 2); // What stands above or below it, a bit to the left, goes along.
    const all = selfAndAllChildren(this.canvas.findRoot(source), true);
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(all, "x", width, start);
    const stretched = stretch(new Set(movingShapes), new Set([...movingShapes, ...resizingShapes]), start, width);
    this.spaceTool.makeSpace(movingShapes, resizingShapes, { x: width, y: 0 }, "e", start);
    for (const [arrow, points] of stretched) this.modeling.updateWaypoints(arrow, points, { labelBehavior: false });
  }
}

/** Arrows of which one end moves, with their course from then on: bpmn-js would lay them anew, through what stands there. */
function stretch(moving, changed, start, width) {
  const arrows = new Set([...moving].flatMap(({ incoming = [], outgoing = [] }) => [...incoming, ...outgoing]));
  const courses = [...arrows].filter(({ source, target }) => changed.has(source) !== changed.has(target)).map((arrow) => [arrow, course(arrow, moving, start, width)]);
  return courses.filter(([, points]) => isRectangular(points));
}

function course({ source, target, waypoints }, moving, start, width) {
  const stays = (index) => (index === 0 && !moving.has(source)) || (index === waypoints.length - 1 && !moving.has(target));
  return waypoints.map(({ x, y }, index) => ({ x: x > start && !stays(index) ? x + width : x, y }));
}

const isRectangular = (points) => points.slice(1).every(({ x, y }, index) => Math.abs(x - points[index].x) < 1 || Math.abs(y - points[index].y) < 1);

export const makesRoom = { __init__: ["room"], room: ["type", Room] };
