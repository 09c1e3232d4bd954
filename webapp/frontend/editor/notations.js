// The small languages of properties, as tables and choices, and back. What a table cannot show stays text.

// --- reminders: "-5wd 08:00 holder; +1wd 08:00 head@lead; -2h holder" (engine/reminders.py reads the same) ---

const LEVEL = /^([+-]?\d{1,4})(wd|h)(?:\s+(\d{1,2}:\d{2}))?((?:\s+[a-z0-9_@:-]+)+)$/;

/** Rows {before, count, unit, clock, recipients}, or null where somebody wrote something else. */
export function readReminders(text) {
  const rows = [];
  for (const entry of (text ?? "").split(";").map((part) => part.trim()).filter(Boolean)) {
    const found = LEVEL.exec(entry);
    if (!found || (found[2] === "wd") !== Boolean(found[3])) return null;
    const offset = Number(found[1]);
    rows.push({ before: offset <= 0, count: Math.abs(offset), unit: found[2], clock: found[3] ?? "", recipients: found[4].trim().split(/\s+/) });
  }
  return rows;
}

export function writeReminders(rows) {
  return rows.map(writeLevel).join("; ");
}

function writeLevel({ before, count, unit, clock, recipients }) {
  const sign = count === 0 ? "" : before ? "-" : "+";
  return `${sign}${count}${unit}${unit === "wd" ? ` ${clock || "08:00"}` : ""} ${recipients.join(" ")}`;
}

// --- due and timers: working_days(3), end_of(deadline, -3), at(submit_by, -1, "17:00"), a date's own name ---

const AFTER = /^working_days\(\s*(-?\d{1,3})\s*(?:,\s*"(\d{1,2}:\d{2})"\s*)?\)$/;
const END = /^end_of\(\s*([a-z_][\w.]*)\s*(?:,\s*(-?\d{1,3})\s*)?\)$/;
const AT = /^at\(\s*([a-z_][\w.]*)\s*,\s*(-?\d{1,3})\s*,\s*"(\d{1,2}:\d{2})"\s*\)$/;

/** {kind: "none"} | {kind: "after", days, clock} | {kind: "date", date, days, clock} | {kind: "text", text} */
export function readDue(text) {
  const trimmed = (text ?? "").trim();
  if (!trimmed) return { kind: "none" };
  const after = AFTER.exec(trimmed);
  if (after) return { kind: "after", days: Number(after[1]), clock: after[2] ?? "" };
  const end = END.exec(trimmed);
  if (end) return { kind: "date", date: end[1], days: Number(end[2] ?? 0), clock: "" };
  const at = AT.exec(trimmed);
  if (at) return { kind: "date", date: at[1], days: Number(at[2]), clock: at[3] };
  return { kind: "text", text: trimmed };
}

export function writeDue({ kind, days, clock, date, text }) {
  if (kind === "after") return clock ? `working_days(${days}, "${clock}")` : `working_days(${days})`;
  if (kind === "date") {
    if (clock) return `at(${date}, ${days}, "${clock}")`;
    return days ? `end_of(${date}, ${days})` : `end_of(${date})`;
  }
  return kind === "text" ? text : "";
}

// --- conditions: one kind of "and"/"or" between simple comparisons ---

const NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const COMPARISON = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(==|!=|<=|>=|<|>)\s*("(?:[^"\\])*"|'(?:[^'\\])*'|-?\d+(?:\.\d+)?|true|false|null|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)$/;

/** {join: "and" | "or", rows: [{name, operator, value, literal}]}, or null where it is more than a table can show. */
export function readCondition(text) {
  const trimmed = (text ?? "").trim();
  if (!trimmed) return { join: "and", rows: [] };
  const parts = topLevelParts(trimmed);
  if (!parts) return null;
  const rows = parts.terms.map(readTerm);
  return rows.includes(null) ? null : { join: parts.join, rows };
}

/** Parted at " and " or " or " outside of quotes; null where both occur, or brackets. */
function topLevelParts(text) {
  const bare = text.replace(/"[^"]*"|'[^']*'/g, (quoted) => "_".repeat(quoted.length));
  if (/[()[\]]/.test(bare)) return null;
  const joins = [...bare.matchAll(/\s(and|or)\s/g)];
  if (new Set(joins.map(([, join]) => join)).size > 1) return null;
  const terms = [];
  let from = 0;
  for (const join of joins) {
    terms.push(text.slice(from, join.index).trim());
    from = join.index + join[0].length;
  }
  return { join: joins[0]?.[1] ?? "and", terms: [...terms, text.slice(from).trim()] };
}

function readTerm(term) {
  if (NAME.test(term) && term !== "not") return { name: term, operator: "true", value: "" };
  const negated = /^not\s+(.+)$/.exec(term);
  if (negated) return NAME.test(negated[1]) ? { name: negated[1], operator: "false", value: "" } : null;
  const found = COMPARISON.exec(term);
  if (!found) return null;
  const [, name, operator, written] = found;
  const quoted = /^["']/.test(written);
  return { name, operator, value: quoted ? written.slice(1, -1) : written, literal: !quoted };
}

export function writeCondition({ join, rows }) {
  return rows.map(writeTerm).join(` ${join} `);
}

function writeTerm({ name, operator, value, literal }) {
  if (operator === "true") return name;
  if (operator === "false") return `not ${name}`;
  return `${name} ${operator} ${literal ? value : `"${value.replaceAll('"', "")}"`}`;
}
