// A layout for files that have none: every process of a collaboration laid out by itself, one below the other.
import { layoutProcess } from "bpmn-auto-layout";
import { BpmnModdle } from "bpmn-moddle";
import { danglingOf, keepDangling } from "./dangling.js";
import { layLanes } from "./lanes.js";

const HEAD = 30; // width of a pool's name
const MARGIN = 40;
const LONE_POOL = { width: 600, height: 60 };
const NOTE = { width: 200, height: 60, column: 240, row: 80 };

/** The same file with a diagram; what it says of the process is not touched. */
export async function laidOut(xml) {
  const moddle = new BpmnModdle();
  const parsed = await moddle.fromXML(xml);
  const definitions = parsed.rootElement;
  keepDangling(danglingOf(parsed));
  const collaboration = definitions.rootElements.find(({ $type }) => $type === "bpmn:Collaboration");
  const processes = definitions.rootElements.filter(({ $type }) => $type === "bpmn:Process");
  const plane = moddle.create("bpmndi:BPMNPlane", { bpmnElement: collaboration ?? processes[0], planeElement: [] });
  const inner = [];
  if (collaboration) await layPools(moddle, collaboration, plane, inner);
  else if (processes[0]) await layAlone(moddle, processes[0], plane, inner);
  definitions.diagrams = [plane, ...inner].map((each) => diagramOf(moddle, each, definitions));
  return (await moddle.toXML(definitions, { format: true })).xml;
}

function diagramOf(moddle, plane, definitions) {
  for (const element of plane.planeElement) element.$parent = plane;
  const diagram = moddle.create("bpmndi:BPMNDiagram", { plane });
  plane.$parent = diagram;
  diagram.$parent = definitions;
  return diagram;
}

async function layAlone(moddle, process, plane, inner) {
  const laid = await layProcess(moddle, process, 0, 0, inner);
  plane.planeElement = laid.shapes;
  layNotes(moddle, process, plane, laid.width + MARGIN, 0);
}

async function layPools(moddle, collaboration, plane, inner) {
  let top = 0;
  for (const participant of collaboration.participants ?? []) {
    const laid = participant.processRef
      ? await layProcess(moddle, participant.processRef, HEAD + MARGIN, top + MARGIN, inner)
      : { shapes: [], width: LONE_POOL.width, height: LONE_POOL.height - 2 * MARGIN };
    const width = laid.width + HEAD + 2 * MARGIN + (notesOf(participant.processRef).length && NOTE.column);
    const lanes = participant.processRef ? layLanes(moddle, participant.processRef, laid.shapes, { left: HEAD, top, width: width - HEAD }) : [];
    const height = lanes.reduce((sum, { bounds }) => sum + bounds.height, 0) || laid.height + 2 * MARGIN;
    const bounds = moddle.create("dc:Bounds", { x: 0, y: top, width, height });
    plane.planeElement.push(moddle.create("bpmndi:BPMNShape", { bpmnElement: participant, isHorizontal: true, bounds }), ...lanes, ...laid.shapes);
    layNotes(moddle, participant.processRef, plane, HEAD + 2 * MARGIN + laid.width, top + MARGIN);
    top += height + MARGIN;
  }
  widenLonePools(plane);
  layNotes(moddle, collaboration, plane, Math.max(...plane.planeElement.filter(isPool).map(({ bounds }) => bounds.width)) + MARGIN, 0);
  for (const flow of collaboration.messageFlows ?? []) layMessageFlow(moddle, flow, plane);
}

const notesOf = (container) => (container?.artifacts ?? []).filter(({ $type }) => $type === "bpmn:TextAnnotation");

/** Notes in a column of their own, with the lines to what they are about. */
function layNotes(moddle, container, plane, x, y) {
  for (const [index, bpmnElement] of notesOf(container).entries()) {
    const bounds = moddle.create("dc:Bounds", { x, y: y + index * NOTE.row, width: NOTE.width, height: NOTE.height });
    plane.planeElement.push(moddle.create("bpmndi:BPMNShape", { bpmnElement, bounds }));
  }
  for (const line of (container?.artifacts ?? []).filter(({ $type }) => $type === "bpmn:Association")) {
    const ends = [line.sourceRef, line.targetRef].map((end) => plane.planeElement.find(({ bpmnElement, bounds }) => bounds && bpmnElement === end)?.bounds);
    if (ends.includes(undefined)) continue;
    const waypoint = ends.map((bounds, index) => moddle.create("dc:Point", { x: bounds.x + (bounds.x < ends[1 - index].x ? bounds.width : 0), y: bounds.y + bounds.height / 2 }));
    plane.planeElement.push(moddle.create("bpmndi:BPMNEdge", { bpmnElement: line, waypoint }));
  }
}

const isPool = ({ bpmnElement }) => bpmnElement.$type === "bpmn:Participant";

/** As wide as the widest, so that what goes to one of them can go straight. */
function widenLonePools(plane) {
  const pools = plane.planeElement.filter(isPool);
  const width = Math.max(...pools.map(({ bounds }) => bounds.width));
  for (const { bpmnElement, bounds } of pools) if (!bpmnElement.processRef) bounds.width = width;
}

/** A process on its own page, moved to where it belongs; `inner` gets the pages of its sub-processes. */
async function layProcess(moddle, process, left, top, inner) {
  if (!process.flowElements?.length) return { shapes: [], width: LONE_POOL.width, height: LONE_POOL.height };
  const page = moddle.create("bpmn:Definitions", { targetNamespace: "urn:layout", rootElements: [process] });
  Object.assign(page.$attrs, process.$parent.$attrs); // The prefixes of other tools.
  const { xml } = await moddle.toXML(page);
  const drawn = await new BpmnModdle().fromXML(await layoutProcess(xml));
  const [{ plane }, ...pages] = drawn.rootElement.diagrams;
  const elements = plane.planeElement;
  const box = boxOf(elements);
  const known = collect(process);
  for (const page of pages.map((one) => one.plane)) {
    const planeElement = page.planeElement.map((one) => copied(moddle, one, known, 0, 0)).filter(Boolean);
    inner.push(moddle.create("bpmndi:BPMNPlane", { bpmnElement: known.get(page.bpmnElement.id), planeElement }));
  }
  const shapes = elements.map((one) => copied(moddle, one, known, left - box.x, top - box.y)).filter(Boolean);
  return { shapes, width: box.width, height: box.height };
}

function collect(container, known = new Map()) {
  for (const element of [...(container.flowElements ?? []), ...(container.artifacts ?? [])]) {
    known.set(element.id, element);
    collect(element, known);
  }
  return known;
}

function pointsOf({ bounds, waypoint }) {
  if (!bounds) return waypoint ?? [];
  return [{ x: bounds.x, y: bounds.y }, { x: bounds.x + bounds.width, y: bounds.y + bounds.height }];
}

function boxOf(elements) {
  const points = elements.flatMap(pointsOf);
  const [x, y] = [Math.min(...points.map((point) => point.x)), Math.min(...points.map((point) => point.y))];
  return { x, y, width: Math.max(...points.map((point) => point.x)) - x, height: Math.max(...points.map((point) => point.y)) - y };
}

function copied(moddle, element, known, dx, dy) {
  const bpmnElement = known.get(element.bpmnElement?.id);
  if (!bpmnElement) return undefined;
  if (element.bounds) {
    const { x, y, width, height } = element.bounds;
    const bounds = moddle.create("dc:Bounds", { x: x + dx, y: y + dy, width, height });
    return moddle.create("bpmndi:BPMNShape", { bpmnElement, bounds, isExpanded: element.isExpanded });
  }
  const waypoint = element.waypoint.map((point) => moddle.create("dc:Point", { x: point.x + dx, y: point.y + dy }));
  return moddle.create("bpmndi:BPMNEdge", { bpmnElement, waypoint });
}

const middle = ({ x, width }) => x + width / 2;
const under = (one, other) => one.y > other.y;

/** Straight up or down where one end is a pool; else with one turn on each side, half way. */
function layMessageFlow(moddle, flow, plane) {
  const ends = [flow.sourceRef, flow.targetRef].map((end) => plane.planeElement.find(({ bpmnElement, bounds }) => bounds && bpmnElement === end));
  if (ends.includes(undefined)) return;
  const [source, target] = ends.map(({ bounds }) => bounds);
  const [from, to] = [isPool(ends[0]) && !isPool(ends[1]) ? target : source, isPool(ends[1]) ? source : target].map(middle);
  const [start, end] = under(source, target) ? [source.y, target.y + target.height] : [source.y + source.height, target.y];
  const half = (start + end) / 2;
  const turns = from === to ? [] : [{ x: from, y: half }, { x: to, y: half }];
  const waypoint = [{ x: from, y: start }, ...turns, { x: to, y: end }].map((point) => moddle.create("dc:Point", point));
  plane.planeElement.push(moddle.create("bpmndi:BPMNEdge", { bpmnElement: flow, waypoint }));
}
