// A form in which something was typed waits until the server answers: in a dead spot the browser would show its own
// error page in place of the words. Forms that keep a draft look for themselves (autosave.js).
import { beforeSubmit } from "./gates.js";
import { isReachable } from "./http.js";
import { toast } from "./toast.js";

const UNSENT = "Chưa gửi được vì mất kết nối. Nội dung vẫn còn trên trang này; có mạng thì bấm lại.";
const TYPED = /^(text|textarea|search|email|tel|url|number|date|file)$/;

const isTyped = ({ type, value, defaultValue }) => TYPED.test(type) && value && (type === "textarea" || value !== defaultValue);

beforeSubmit(
  (form) => form.method === "post" && !form.matches("[data-draft-url], [hx-post]") && [...form.elements].some(isTyped),
  async () => {
    const reachable = await isReachable();
    if (!reachable) toast(UNSENT, { kind: "error" });
    return reachable;
  },
);
