// Desks, and the levels of a table of reminders, as people say them.

/** Stands before a unit's code, where a desk is always at the same unit. */
export const UNIT = "unit:";

export function deskWords({ roles, parties, units }, desk) {
  const [role, party] = (desk ?? "").split("@");
  const unit = party?.startsWith(UNIT) ? units[party.slice(UNIT.length)] : parties[party];
  return role && party ? `${roles[role] ?? role} – ${unit ?? party}` : "";
}

export const recipientWords = (names, recipient) => names.recipients[recipient] ?? (deskWords(names, recipient) || recipient);

/** "Nhắc trước hạn 5 ngày làm việc, 08:00: Người đang giữ việc"; a level as editor/notations.js reads it. */
export function levelWords(level, names) {
  const due = level.ofCase ? "hạn của nhiệm vụ" : "hạn";
  const span = `${level.count} ${level.unit === "h" ? "giờ" : "ngày làm việc"}`;
  const when = level.count === 0 ? `Nhắc ${level.unit === "h" ? "đúng" : "vào ngày"} ${due}` : level.before ? `Nhắc trước ${due} ${span}` : `Đôn đốc khi quá ${due} ${span}`;
  return `${when}${level.clock ? `, ${level.clock}` : ""}: ${level.recipients.map((one) => recipientWords(names, one)).join(", ")}`;
}

/** "−5", "+1", "−2h": what stands beside a level's symbol. */
export function levelMark({ before, count, unit }) {
  return `${count === 0 ? "" : before ? "−" : "+"}${count}${unit === "h" ? "h" : ""}`;
}
