// Requests to our own server, and what their failures mean in words.

export const OFFLINE = 0;
export const SIGNED_OUT = 401;

const MEANING = {
  [OFFLINE]: "Mất kết nối mạng. Nội dung bạn nhập vẫn còn trên trang này; thử lại khi có mạng.",
  400: "Phiên làm việc đã cũ. Tải lại trang rồi làm lại.",
  401: "Phiên đăng nhập đã hết. Đăng nhập lại ở thẻ mới rồi quay về trang này.",
  403: "Bạn không có quyền làm việc này.",
  404: "Không tìm thấy nội dung này; có thể nó đã được chuyển đi.",
  409: "Việc này vừa được người khác xử lý. Tải lại trang để xem bản mới nhất.",
  413: "Tệp quá lớn. Chọn tệp nhỏ hơn.",
  429: "Bạn thao tác quá nhanh. Chờ một lát rồi thử lại.",
  500: "Máy chủ gặp lỗi. Nội dung bạn nhập vẫn còn trên trang này; thử lại sau ít phút.",
};

export class RequestFailed extends Error {
  constructor(status, message) {
    super(message || meaningOf(status));
    this.status = status;
  }
}

export function meaningOf(status) {
  return MEANING[status] ?? (status >= 500 ? MEANING[500] : `Không thực hiện được (mã ${status}). Tải lại trang rồi thử lại.`);
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** The server's own sentence in a refusal: `{"message": …}` or, in an error page, the element `data-error-text`. */
export function messageIn(text, contentType = "") {
  try {
    if (contentType.includes("json")) return JSON.parse(text).message;
    if (contentType.includes("html")) {
      return new DOMParser().parseFromString(text, "text/html").querySelector("[data-error-text]")?.textContent.trim();
    }
  } catch {
    // A refusal that cannot be read is told by its status.
  }
  return undefined;
}

/** POST a form; resolves to the JSON answered ({} for 204), rejects with RequestFailed. */
export async function post(url, body, options = {}) {
  try {
    return await send(url, body, options);
  } catch (error) {
    // A token of an earlier session: somebody signed in again in another tab.
    if (error.status !== 400 || options.keepalive || !(await renewToken())) throw error;
    return send(url, body, options);
  }
}

async function send(url, body, { keepalive = false, timeout = 20000 }) {
  const response = await fetch(url, {
    method: "POST",
    body,
    keepalive,
    redirect: "manual", // A redirect leads to the sign-in page: the session has ended.
    signal: AbortSignal.timeout(timeout),
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
  }).catch(() => {
    throw new RequestFailed(OFFLINE);
  });
  if (response.type === "opaqueredirect") throw new RequestFailed(SIGNED_OUT);
  const text = await response.text();
  const type = response.headers.get("Content-Type") ?? "";
  if (!response.ok) throw new RequestFailed(response.status, messageIn(text, type));
  return text && type.includes("json") ? JSON.parse(text) : {};
}

/** The status that keeps a form from arriving, null where nothing does; asked of the server: what the browser believes of the line is often wrong. */
export async function hindrance() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10000) }).catch(() => null);
  if (!answer) return OFFLINE;
  const endedHere = document.body.matches("[data-signed-in]") && new URL(answer.url).pathname === "/dang-nhap";
  return endedHere ? SIGNED_OUT : answer.status >= 500 ? answer.status : null;
}

/** Take the token of the present session from this page asked for anew; whether there was a new one. */
async function renewToken() {
  const response = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!response?.ok) return false;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const token = fresh.querySelector('meta[name="csrf-token"]')?.content;
  if (!token || token === csrfToken()) return false;
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
  return true;
}

const CLOCK = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
const DAY = new Intl.DateTimeFormat("vi-VN", { day: "2-digit", month: "2-digit", year: "numeric", timeZone: "Asia/Ho_Chi_Minh" });

export const clockTime = (instant) => CLOCK.format(instant);
export const dayAndTime = (instant) => `${CLOCK.format(instant)} ngày ${DAY.format(instant)}`;
