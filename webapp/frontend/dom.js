// The few things every module does to the document.

/** Run `work` for each element matching `selector`: now, and in whatever htmx brings in. Once per element. */
export function each(selector, work) {
  const done = new WeakSet();
  const visit = (root) => {
    for (const element of root.querySelectorAll(selector)) {
      if (done.has(element)) continue;
      done.add(element);
      work(element);
    }
  };
  visit(document); // Module scripts run when the document has been parsed.
  document.addEventListener("htmx:after:swap", () => visit(document));
}

/** Listen to an event of any element matching `selector`, present or future. */
export function on(type, selector, work, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) work(event, element);
    },
    options,
  );
}

/** `make("p", {class: "x"}, "text", child)`; text is never read as HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export function icon(name) {
  const SVG = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "q-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.querySelector('meta[name="icons"]')?.content ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

export function announce(region, text) {
  if (region.textContent !== text) region.textContent = text;
}
