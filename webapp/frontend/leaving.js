// Forms that bring the page, or their own row, anew (`data-leaves`) wait until rows being edited are saved or closed.
import { on } from "./dom.js";
import { toast } from "./toast.js";

const isChanged = ({ type, value, defaultValue, checked, defaultChecked }) =>
  /checkbox|radio/.test(type) ? checked !== defaultChecked : /text/.test(type) && value !== defaultValue;

/** Whether a form holds what was typed; one that comes back refused does, as it stands. */
export const isDirty = (form) =>
  form.matches("[data-unsaved]") ||
  form.querySelector("[data-error-summary]") ||
  [...form.elements].some(isChanged) ||
  [...form.querySelectorAll("option")].some((option) => option.selected !== option.defaultSelected && (option.defaultSelected || option.index > 0));

on(
  "submit",
  "form[data-leaves]",
  (event) => {
    const dirty = [...document.querySelectorAll("[data-editing]")].map((input) => input.form).find(isDirty);
    if (!dirty) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast("Lưu dòng đang sửa, hoặc bấm Thôi ở dòng đó, rồi làm lại.", { kind: "warning" });
    dirty.querySelector("textarea, input:not([type=hidden])").focus();
  },
  { capture: true },
);
