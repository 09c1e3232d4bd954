// Drafts in this browser: what the server has not confirmed yet. A draft belongs to one person and one step.

const PREFIX = "quytrinh:draft:";
const SENT = "quytrinh:sent";
const SHOWN = "content_hash"; // The content that a page shows beside its form: a draft says it, and never brings it back.
const LONGEST = 30 * 24 * 3600 * 1000; // milliseconds; what nobody came back for is removed from a shared machine

/** What a person typed: pairs of name and text. Files and the form's own tokens are not part of it. */
export function valuesOf(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf_token", SHOWN].includes(name));
}

/** What the page shows beside the form, as a pair like those. */
export const shownBy = (form) => [...new FormData(form)].filter(([name]) => name === SHOWN);

export const sameValues = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Keep a draft; false where the browser refuses (full, or private window). */
export function keep(key, values) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), values }));
    return true;
  } catch {
    return false;
  }
}

/** Hear of each draft that another page of this browser keeps. */
export function onKeptElsewhere(work) {
  window.addEventListener("storage", ({ key, newValue }) => {
    if (newValue && key?.startsWith(PREFIX)) work(key.slice(PREFIX.length));
  });
}

export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

export function forget(key) {
  localStorage.removeItem(PREFIX + key);
}

/** Remember that a form is being sent; whether that succeeded shows on the next page. */
export function markSent(key) {
  sessionStorage.setItem(SENT, key);
}

/**
 * The next page is neither an error, nor the sign-in page, nor the same form again without a word that it worked: what
 * was sent has arrived.
 */
export function settleSent() {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  sessionStorage.removeItem(SENT);
  const same = [...document.querySelectorAll("form[data-draft-url]")].some((form) => keyOf(form) === key);
  const again = same && !document.querySelector(".q-flashes .alert-success");
  if (!again && document.querySelector("[data-signed-in]") && !document.querySelector("[data-error-page]")) forget(key);
}

export function forgetOld() {
  for (const name of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const key = name.slice(PREFIX.length);
    if (!(kept(key)?.at > Date.now() - LONGEST)) forget(key);
  }
}

export function keyOf(form) {
  return form.dataset.draftKey ?? form.dataset.draftUrl;
}

/** Put kept values back; returns how many found no field. Whoever draws rows by script hears of it first. */
export function restore(form, values) {
  form.dispatchEvent(new CustomEvent("draft:restore", { bubbles: true, detail: { values } }));
  const uploaded = new Set([...form.querySelectorAll("[data-upload]")].map((area) => area.dataset.uploadName));
  const byName = grouped(values.filter(([name]) => !uploaded.has(name))); // upload.js brings those back.
  for (const control of form.elements) clearChoice(control);
  let lost = 0;
  for (const [name, pairs] of byName) lost += fill(fieldsNamed(form, name), pairs.map(([, value]) => value));
  for (const control of form.elements) {
    if (!control.name) continue;
    for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
  }
  return lost;
}

function grouped(values) {
  const groups = new Map();
  for (const pair of values) groups.set(pair[0], [...(groups.get(pair[0]) ?? []), pair]);
  return groups;
}

const fieldsNamed = (form, name) => [...form.elements].filter((control) => control.name === name && control.type !== "file");

function clearChoice(control) {
  if (control.type === "checkbox" || control.type === "radio") control.checked = false;
}

/** Choices are matched by value, texts by their place; returns how many values found no field. */
function fill(fields, texts) {
  if (fields.some(({ type }) => type === "checkbox" || type === "radio")) {
    for (const field of fields) field.checked = texts.includes(field.value);
    return texts.filter((text) => !fields.some(({ value }) => value === text)).length;
  }
  fields.forEach((field, index) => {
    if (index < texts.length) field.value = texts[index];
  });
  return Math.max(0, texts.length - fields.length);
}
