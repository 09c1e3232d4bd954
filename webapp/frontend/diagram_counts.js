// How many cases wait at each shape: a number on the shape, and a colour that says no more than the number does.
//   <div data-counts='{"id": {"text": "12", "label": "12 hồ sơ đang chờ", "level": 3, "late": "4", "url": "…"}}'>
import { icon, make } from "./dom.js";

function badge({ text, label, late, url }) {
  const parts = [make("span", {}, text)];
  if (late) parts.push(make("span", { class: "q-diagram-late" }, icon("alert-triangle"), late));
  return url
    ? make("a", { class: "q-diagram-count", href: url, title: label, "aria-label": label }, ...parts)
    : make("span", { class: "q-diagram-count", title: label, role: "img", "aria-label": label }, ...parts);
}

export function hangCounts(viewer, counts) {
  const registry = viewer.get("elementRegistry");
  for (const [id, count] of Object.entries(counts)) {
    if (!registry.get(id)) continue;
    viewer.get("canvas").addMarker(id, `is-heat-${count.level}`);
    if (count.text) viewer.get("overlays").add(id, { position: { bottom: 12, left: -8 }, scale: { min: 0.7 }, html: badge(count) });
  }
}
