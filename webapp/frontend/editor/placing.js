// Where a new step stands: in the lane of the shape that it follows, for the lane says who does it, and over nothing else.
import { getNewShapePosition } from "bpmn-js/lib/features/auto-place/BpmnAutoPlaceUtil";
import { is, laneOf } from "./elements.js";
import { makesRoom } from "./room.js";

const GAP = 50; // between the shape and the step behind it
const ROOM = 15; // around the step
const EDGE = 8; // between the step and the border of its lane
const PACE = 10; // from one place that is tried to the next
const NEAR = 600; // within which a place beside all arrows is looked for
const FAR = 4000;

const CONTAINERS = ["bpmn:Participant", "bpmn:Lane", "bpmn:Group"];

class Placing {
  static $inject = ["canvas", "elementRegistry", "eventBus", "room"];

  constructor(canvas, elementRegistry, eventBus, room) {
    Object.assign(this, { canvas, registry: elementRegistry, room });
    eventBus.on("autoPlace", 1500, ({ source, shape }) => (is(shape, "bpmn:FlowNode") ? this.behind(source, shape) : undefined));
  }

  /** The middle of a free place; `onward` is an arrow that will make room. */
  behind(source, shape, onward) {
    return this.#free(source, shape, onward) ?? getNewShapePosition(source, shape, this.registry);
  }

  /** The same, on `onward`: where that leads ahead and is too short, all that lies ahead moves on. */
  between(source, shape, onward) {
    const row = source.y + source.height / 2;
    const ahead = this.#ahead(source, shape, onward);
    const found = this.behind(source, shape, onward);
    const missing = 2 * GAP + shape.width - (ahead - source.x - source.width);
    if (ahead === undefined || missing <= 0 || (found.y === row && found.x + shape.width / 2 <= ahead)) return found;
    this.room.make(source, missing);
    return this.behind(source, shape, onward);
  }

  /** Whether a shape in the middle of an arrow keeps clear of its ends. */
  fits({ x, y }, shape, { source, target }) {
    return ![source, target].some((end) => overlap(end, x, y, shape));
  }

  /** Where the next shape of the row begins, if the arrow leads to the right. */
  #ahead(source, shape, { target }) {
    const right = source.x + source.width;
    if (source.host || target.x < right || this.#lane(source)?.di.isHorizontal === false) return undefined;
    const top = source.y + (source.height - shape.height) / 2;
    const isInRow = ({ y, height }) => y < top + shape.height && y + height > top;
    const inRow = this.#others(source).filter((other) => !other.waypoints && !other.labelTarget && other.x >= right && isInRow(other));
    return Math.min(target.x, ...inRow.map(({ x }) => x));
  }

  #free(source, shape, onward) {
    const lane = this.#lane(source);
    if (lane?.di.isHorizontal === false) return undefined; // It leads down, as bpmn-js knows.
    const rows = rowsIn(lane ?? source.parent, source, shape);
    const all = this.#others(source, onward);
    const shapes = all.filter(({ waypoints }) => !waypoints);
    const arrows = all.flatMap(segmentsOf);
    const end = is(source.parent, "bpmn:SubProcess") ? source.parent.x + source.parent.width : Infinity; // Wider, it would lie over others.
    return freePlace(source, shape, rows, [...shapes, ...arrows], NEAR, end) ?? freePlace(source, shape, rows, shapes, FAR, end);
  }

  #lane(source) {
    const lane = laneOf(source) ?? (source.host && laneOf(source.host));
    return lane && this.registry.get(lane.id);
  }

  /** What is drawn beside the shape, without what holds it. */
  #others(source, onward) {
    const root = this.canvas.findRoot(source);
    const holds = (element) => element === source.parent || CONTAINERS.some((type) => is(element, type));
    const moves = (element) => onward && (element === onward || element.labelTarget === onward);
    return this.registry.filter((element) => element.parent && this.canvas.findRoot(element) === root && (element.labelTarget || !holds(element)) && !moves(element));
  }
}

/** The heights to try, the shape's own first: an event on a border leads below. */
function rowsIn({ y: upper = -FAR, height = 2 * FAR }, source, shape) {
  const own = source.host ? source.host.y + source.host.height + GAP + shape.height / 2 : source.y + source.height / 2;
  const reach = Math.min(shape.height / 2 + EDGE, height / 2);
  const [top, bottom] = [upper + reach, upper + height - reach];
  const first = Math.min(Math.max(own, top), bottom);
  const rows = [first];
  for (let off = PACE; off <= NEAR; off += PACE) rows.push(first + off, first - off);
  return rows.filter((row) => row >= top && row <= bottom);
}

function freePlace(source, shape, rows, taken, reach, end) {
  const nearest = source.x + source.width + GAP + shape.width / 2;
  const last = Math.min(nearest + reach, end - EDGE - shape.width / 2);
  for (let x = nearest; x <= last; x += PACE) {
    const y = rows.find((row) => taken.every((other) => !overlap(other, x, row, shape)));
    if (y !== undefined) return { x, y };
  }
  return undefined;
}

function overlap(other, x, y, { width, height }) {
  const [besideX, besideY] = [width / 2 + ROOM, height / 2 + EDGE];
  return other.x < x + besideX && other.x + other.width > x - besideX && other.y < y + besideY && other.y + other.height > y - besideY;
}

function segmentsOf({ waypoints = [] }) {
  return waypoints.slice(1).map((end, index) => {
    const begin = waypoints[index];
    return { x: Math.min(begin.x, end.x), y: Math.min(begin.y, end.y), width: Math.abs(begin.x - end.x), height: Math.abs(begin.y - end.y) };
  });
}

export const placesInLanes = { __depends__: [makesRoom], __init__: ["placing"], placing: ["type", Placing] };
