"""The one place that maps refusals to answers."""

import errno
import secrets
from http import HTTPStatus
from uuid import UUID

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from engine.calendar import local_date
from engine.errors import Kind, Rejected
from webapp.cases.standing_in import standing_in_over
from webapp.database import db
from webapp.identity import current_person
from webapp.presentation import file_size
from webapp.runtime import now
from webapp.security import PUBLIC, SessionEnded
from webapp.settings import Settings

STATUS = {
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
}
PAGES = {400, 401, 403, 404, 409, 413, 429, 500, 503}
SENTENCES = {
    400: "Yêu cầu không đúng dạng. Hãy tải lại trang rồi thử lại.",
    403: "Bạn không có quyền thực hiện việc này.",
    404: "Không tìm thấy nội dung này.",
    405: "Trang này không nhận yêu cầu như vậy. Hãy tải lại trang rồi thử lại.",
    413: "Nội dung gửi lên quá lớn. Hãy chọn tệp nhỏ hơn, hoặc tách thành nhiều phần.",
    500: "Máy chủ gặp lỗi nên chưa ghi được. Hãy thử lại sau ít phút.",
}
"""What a script of ours shows where there is no page; pages have words of their own."""
UNIQUE_VIOLATION, DISK_FULL = "23505", "53100"  # PostgreSQL's


def wants_json() -> bool:
    """Whether a script of ours asked, rather than a person's navigation."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.headers.get("X-Requested-With") == "fetch"


GONE = "Cơ sở dữ liệu đang không truy cập được. Chưa có gì bị mất; hãy thử lại sau ít phút."
BUSY = "Máy chủ đang ghi việc khác quá lâu nên chưa ghi được. Chưa có gì bị mất; hãy gửi lại sau ít phút."
FULL = "Máy chủ đã hết chỗ lưu nên chưa ghi được. Chưa có gì bị mất; hãy báo quản trị viên, rồi gửi lại."
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SECRETS = {"password", "old_password", "new_password", "repeated", "code"}
"""Fields that no page gives back."""


def _is_full(error: SQLAlchemyError) -> bool:
    """Whether the database found no room on its disk."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", "") == DISK_FULL or "disk is full" in str(cause)


def _is_busy(error: SQLAlchemyError) -> bool:
    """Whether another writer did not come to an end in time."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, TimeoutError) or "database is locked" in str(cause)


def _typed() -> list[tuple[str, str]]:
    """What a form brought that could not be kept: the page offers to send it again. Nothing where it holds a secret."""
    if request.method != "POST" or SECRETS & request.form.keys():
        return []
    return list(request.form.items(multi=True))


def texts_typed() -> list[str]:
    """What somebody wrote in more than one word: the page that refuses it holds it out to be copied."""
    is_read = "form" in vars(request)  # What was too large to be read is not read here either.
    return [value for _, value in _typed() if len(value.split()) > 1] if is_read else []


def out_of_order(message: str) -> ResponseReturnValue:
    """What the application stands on fails; the page has no frame, as that would be asked of the same."""
    g.frameless = True
    if wants_json():
        return refuse(503, message)
    return render_template(
        "errors/503.html", message=message, typed=_typed(), address=request.full_path.rstrip("?")
    ), 503


def refuse(status: int, message: str | None = None, *, page: str = "", incident: str = "") -> ResponseReturnValue:
    """An answer that says what happened and what to do; `page` names another template than the status has."""
    if wants_json():
        return jsonify(message=message or SENTENCES.get(status, SENTENCES[500])), status
    page = page or (str(status) if status in PAGES else "500" if status >= 500 else "refused")
    return _in_frame(f"errors/{page}.html", message=message, incident=incident, texts=texts_typed()), status


def _in_frame(template: str, **values: object) -> str:
    """An error page; without its frame where the database, which knows that, is what fails."""
    db.session.remove()  # PostgreSQL answers nothing more in a transaction that failed.
    try:
        return render_template(template, **values)
    except SQLAlchemyError:
        g.frameless = True
        return render_template(template, **values)


def _stood_in() -> str | None:
    """Whether the step of the address was the person's while they stood in for somebody."""
    person = current_person()
    places = [value for value in (request.view_args or {}).values() if isinstance(value, UUID)]
    return standing_in_over(db.session(), person, places, local_date(now())) if person and places else None


def _limit(app: Flask) -> str:
    settings: Settings = app.config["SETTINGS"]
    most = file_size(settings.max_upload_bytes)  # A little more is taken in, for what is typed beside a file.
    return f"Nội dung gửi lên quá nặng: mỗi tệp nặng nhất {most}. Hãy chọn tệp nhỏ hơn, hoặc tách thành nhiều phần."


def _was_somebodys() -> bool:
    """Whether a form that nobody is signed in to send was that of somebody who was."""
    view = current_app.view_functions.get(request.endpoint or "")
    return PUBLIC not in getattr(view, "permissions", (PUBLIC,)) and current_person() is None


def _is_double(error: IntegrityError) -> bool:
    """Whether two wrote the same at the same moment, each of them having looked before."""
    return getattr(error.orig, "sqlstate", "") == UNIQUE_VIOLATION or "UNIQUE constraint" in str(error.orig)


def register(app: Flask) -> None:
    """Answer every refusal and every fault."""
    _register_refusals(app)
    _register_faults(app)


def _register_refusals(app: Flask) -> None:
    @app.errorhandler(Rejected)
    def rejected(error: Rejected) -> ResponseReturnValue:
        said = _stood_in() if error.kind is Kind.FORBIDDEN else None
        return refuse(STATUS[error.kind], said or str(error), page="refused" if error.kind is Kind.INVALID else "")

    @app.errorhandler(SessionEnded)
    def session_ended(error: SessionEnded) -> ResponseReturnValue:
        return redirect(url_for("accounts.sign_in")) if wants_json() else refuse(401, str(error))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        if "referrer" in error.description:
            app.logger.warning("a form for %s: %s Does the proxy pass on Host?", request.host, error.description)
        elif _was_somebodys():
            return session_ended(SessionEnded())
        return refuse(400, "Phiên làm việc đã hết hạn. Hãy tải lại trang rồi gửi lại; nội dung nháp vẫn được giữ.")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue | Response:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()
        return refuse(error.code or 500, _limit(app) if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else None)


def _register_faults(app: Flask) -> None:
    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    def database_gone(error: SQLAlchemyError) -> ResponseReturnValue:
        app.logger.exception("the database failed", exc_info=error)
        return out_of_order(FULL if _is_full(error) else BUSY if _is_busy(error) else GONE)

    @app.errorhandler(OSError)
    def disk(error: OSError) -> ResponseReturnValue:
        if error.errno not in NO_ROOM:
            return fault(error)
        app.logger.exception("no room on the disk", exc_info=error)
        return out_of_order(FULL)

    @app.errorhandler(IntegrityError)
    def double(error: IntegrityError) -> ResponseReturnValue:
        if not _is_double(error):
            return fault(error)
        app.logger.warning("written twice at once", exc_info=error)
        return refuse(409, "Nội dung này vừa được ghi ở nơi khác. Hãy tải lại trang để xem.")

    @app.errorhandler(Exception)
    def fault(error: Exception) -> ResponseReturnValue:
        incident = secrets.token_hex(4)
        app.logger.exception("unexpected fault %s", incident, exc_info=error)
        return refuse(500, incident=incident)
