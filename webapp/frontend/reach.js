// A form in which something was typed waits until the server answers: in a dead spot the browser would show its own
// error page in place of the words. Forms that keep a draft look for themselves (autosave.js).
import { carries } from "./along.js";
import { beforeSubmit } from "./gates.js";
import { hindrance } from "./http.js";
import { toastStatus } from "./toast.js";

const TYPED = /^(text|textarea|search|email|tel|url|number|date|file)$/;

const isTyped = ({ type, value, defaultValue }) => TYPED.test(type) && value && (type === "textarea" || value !== defaultValue);

beforeSubmit(
  (form) => form.method === "post" && !form.matches("[data-draft-url], [hx-post]") && (carries(form) || [...form.elements].some(isTyped)),
  async () => {
    const status = await hindrance();
    if (status !== null) toastStatus(status);
    return status === null;
  },
);
