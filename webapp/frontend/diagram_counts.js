// How many cases wait at each shape: a number on the shape, and a colour that says no more than the number does.
//   <div data-counts='{"id": {"text": "12", "label": "12 hồ sơ đang chờ", "level": 3, "late": "4", "url": "…"}}'>
import { icon, make } from "./dom.js";

function badge({ text, label, late, url }) {
  const shown = make("span", { class: "q-diagram-numbers", "aria-hidden": "true" }, text);
  if (late) shown.append(make("span", { class: "q-diagram-late" }, icon("alert-triangle"), late));
  const spoken = make("span", { class: "visually-hidden" }, label);
  return make(url ? "a" : "span", { class: "q-diagram-count", href: url ?? undefined, title: label }, shown, spoken);
}

export function hangCounts(viewer, counts) {
  const registry = viewer.get("elementRegistry");
  for (const [id, count] of Object.entries(counts)) {
    if (!registry.get(id)) continue;
    viewer.get("canvas").addMarker(id, `is-heat-${count.level}`);
    if (count.text) viewer.get("overlays").add(id, { position: { bottom: 12, left: -8 }, scale: { min: 0.7 }, html: badge(count) });
  }
}
