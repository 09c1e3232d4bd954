// Numbers and dates as people in Việt Nam write them; reads exactly what forms/notation.py reads.

const MAX_DIGITS = 15;
const GROUPED = /^[1-9]\d{0,2}(\.\d{3})+$/;
const ENGLISH = /^(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,})$/;
const PLAIN = /^(\d+|\d+[.,]\d+|[.,]\d+)$/;
const DATE = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The number, or null when the text is none or has more than 15 digits. */
export function readNumber(text) {
  const compact = text.replace(/\s/g, "").replace("−", "-");
  const negative = compact.startsWith("-");
  let body = /^[+-]/.test(compact) ? compact.slice(1) : compact;
  const comma = body.indexOf(",");
  const whole = comma < 0 ? body : body.slice(0, comma);
  if (GROUPED.test(whole)) body = whole.replaceAll(".", "") + (comma < 0 ? "" : body.slice(comma));
  else if (ENGLISH.test(body)) body = body.replaceAll(",", "");
  if (body.length > 60 || !PLAIN.test(body)) return null;
  const digits = body.replace(",", ".");
  if (tooLong(digits)) return null;
  const value = Number(digits);
  return negative && value !== 0 ? -value : value;
}

function tooLong(digits) {
  const [whole, fraction = ""] = digits.split(".");
  const significant = `${whole.replace(/^0+/, "")}.${fraction.replace(/0+$/, "")}`;
  const [before, after] = significant.split(".");
  const shown = before.length ? before.length + after.length : after.replace(/^0+/, "").length;
  return Math.max(shown, after.length) > MAX_DIGITS;
}

/** The day as ISO text, or null: "04/12/2026", "4.12.2026", "2026-12-04". */
export function readDate(text) {
  const trimmed = text.trim();
  const typed = DATE.exec(trimmed);
  const iso = ISO.exec(trimmed);
  if (!typed && !iso) return null;
  const [year, month, day] = (typed ? typed.slice(1).reverse() : iso.slice(1)).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900 && year <= 2199;
  return real ? date.toISOString().slice(0, 10) : null;
}

/** dd/mm/yyyy of ISO text. */
export const writtenDate = (iso) => iso.split("-").reverse().join("/");
