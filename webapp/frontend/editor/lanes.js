// Lanes of a process that was laid out without them: steps keep their columns, and in each lane the rows that it needs.
const ROOM = 40; // above and below a row, for labels and events on borders
const SAME_ROW = 40; // centres that are no further apart lie in one row
const EMPTY = 80;

/** Moves the shapes into their lanes, and gives the lanes' own shapes; none where the process has no lanes. */
export function layLanes(moddle, process, shapes, { left, top, width }) {
  const lanes = (process.laneSets ?? []).flatMap(({ lanes: own }) => (own ?? []).flatMap(leaves));
  if (!lanes.length) return [];
  const laneOf = new Map(lanes.flatMap((lane) => (lane.flowNodeRef ?? []).map((node) => [node, lane])));
  const steps = shapes.filter(({ bounds, bpmnElement }) => bounds && carrier(bpmnElement, process) === bpmnElement);
  const moves = new Map();
  const drawn = [];
  let y = top;
  for (const lane of lanes) {
    const inside = steps.filter(({ bpmnElement }) => (laneOf.get(bpmnElement) ?? lanes[0]) === lane);
    const begin = y;
    for (const row of rowsOf(inside)) {
      const height = Math.max(...row.map(({ bounds }) => bounds.height)) + 2 * ROOM;
      for (const { bounds, bpmnElement } of row) moves.set(bpmnElement, y + height / 2 - centre(bounds));
      y += height;
    }
    y = Math.max(y, begin + EMPTY);
    const bounds = moddle.create("dc:Bounds", { x: left, y: begin, width, height: y - begin });
    drawn.push(moddle.create("bpmndi:BPMNShape", { bpmnElement: lane, isHorizontal: true, bounds }));
  }
  move(moddle, shapes, process, moves);
  return drawn;
}

const leaves = (lane) => (lane.childLaneSet?.lanes?.length ? lane.childLaneSet.lanes.flatMap(leaves) : [lane]);
const centre = ({ y, height }) => y + height / 2;

/** What of the process itself an element moves with: the sub-process that holds it, the step on whose border it sits. */
function carrier(element, process) {
  const host = element.attachedToRef ?? element;
  return host.$parent && host.$parent !== process ? carrier(host.$parent, process) : host;
}

function rowsOf(shapes) {
  const rows = [];
  for (const shape of [...shapes].sort((one, other) => centre(one.bounds) - centre(other.bounds))) {
    const last = rows.at(-1);
    if (last && centre(shape.bounds) - centre(last[0].bounds) <= SAME_ROW) last.push(shape);
    else rows.push([shape]);
  }
  return rows;
}

function move(moddle, shapes, process, moves) {
  const by = (element) => moves.get(carrier(element, process)) ?? 0;
  for (const { bounds, bpmnElement } of shapes) if (bounds) bounds.y += by(bpmnElement);
  const boundsOf = new Map(shapes.filter(({ bounds }) => bounds).map(({ bpmnElement, bounds }) => [bpmnElement, bounds]));
  for (const edge of shapes.filter(({ waypoint }) => waypoint)) {
    const [source, target] = [edge.bpmnElement.sourceRef, edge.bpmnElement.targetRef].map((end) => boundsOf.get(end));
    const own = edge.bpmnElement.$parent === process && source && target;
    if (own) edge.waypoint = route(source, target, [...boundsOf.values()]).map(([x, y]) => moddle.create("dc:Point", { x, y }));
    else for (const point of edge.waypoint) point.y += by(edge.bpmnElement);
  }
}

/** Ahead in the same row, down or up beside the target, or around below and above where others stand in between. */
function route(from, to, others) {
  const [right, left] = [from.x + from.width, to.x];
  const [fromX, toX, fromY, toY] = [from.x + from.width / 2, to.x + to.width / 2, centre(from), centre(to)];
  const crowded = others.some((each) => each !== from && each !== to && each.x < left && each.x + each.width > right && each.y < toY && each.y + each.height > toY);
  if (left < right || (fromY === toY && crowded)) return around(from, to, left < right);
  if (fromY === toY) return [[right, fromY], [left, toY]];
  if (crowded) return [[right, fromY], [right + ROOM / 2, fromY], [right + ROOM / 2, to.y - ROOM / 2], [toX, to.y - ROOM / 2], [toX, to.y]];
  return from.width > 60 ? [[right, fromY], [left - ROOM / 2, fromY], [left - ROOM / 2, toY], [left, toY]] : [[fromX, toY > fromY ? from.y + from.height : from.y], [fromX, toY], [left, toY]];
}

function around(from, to, below) {
  const [fromX, toX] = [from.x + from.width / 2, to.x + to.width / 2];
  const y = below ? Math.max(from.y + from.height, to.y + to.height) + ROOM / 2 : Math.min(from.y, to.y) - ROOM / 2;
  const edge = (bounds) => (y > bounds.y ? bounds.y + bounds.height : bounds.y);
  return [[fromX, edge(from)], [fromX, y], [toX, y], [toX, edge(to)]];
}
