"""The one place that maps refusals to answers."""

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from engine.errors import Kind, Rejected

STATUS = {
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
}
PAGES = {400, 403, 404, 409, 413, 429, 500, 503}


def wants_json() -> bool:
    """Whether a script of ours asked, rather than a person's navigation."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.headers.get("X-Requested-With") == "fetch"


def refuse(status: int, message: str | None = None) -> ResponseReturnValue:
    """An answer that says what happened and what to do."""
    if wants_json():
        return jsonify(message=message or HTTPStatus(status).phrase), status
    page = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{page}.html", message=message), status


def register(app: Flask) -> None:
    """Answer every refusal and every fault."""

    @app.errorhandler(Rejected)
    def rejected(error: Rejected) -> ResponseReturnValue:
        return refuse(STATUS[error.kind], str(error))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        return refuse(400, "Phiên làm việc đã hết hạn. Hãy tải lại trang rồi gửi lại; nội dung nháp vẫn được giữ.")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue | Response:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()
        return refuse(error.code or 500)

    @app.errorhandler(OperationalError)
    def database_gone(error: OperationalError) -> ResponseReturnValue:
        app.logger.exception("the database failed", exc_info=error)
        return refuse(503, "Cơ sở dữ liệu đang không truy cập được. Chưa có gì bị mất; hãy thử lại sau ít phút.")

    @app.errorhandler(Exception)
    def fault(error: Exception) -> ResponseReturnValue:
        app.logger.exception("unexpected fault", exc_info=error)
        return refuse(500)
