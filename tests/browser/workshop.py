"""A small application that shows the components with sample data: the frame, the macros and the bundles are real."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, NamedTuple

from flask import Flask, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Page
from werkzeug.serving import BaseWSGIServer, make_server

from webapp import assets, kept_parts, security
from webapp.navigation import Entry

HERE = Path(__file__).parent / "workshop"
WEBAPP = Path(security.__file__).parent
PLACES = {
    "Hộp việc": "inbox", "Báo cáo của đơn vị": "report", "Duyệt và ký": "writing-sign", "Kỳ báo cáo": "calendar-stats",
    "Tổng hợp": "stack-2", "Phát hành": "send", "Kế hoạch": "clipboard-list", "Quy trình": "sitemap",
}  # fmt: skip


@dataclass
class Workshop:
    """The server, what it was sent as drafts, and how it answers them."""

    drafts: list[dict[str, list[str]]] = field(default_factory=list)
    refusing: int | None = None
    token: str = "token"
    signed_out: bool = False
    url: str = ""

    def application(self) -> Flask:
        app = Flask("workshop", static_folder=None)
        app.secret_key = "workshop"
        app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE), FileSystemLoader(WEBAPP / "templates")])
        assets.register(app)
        kept_parts.register(app)
        app.add_template_filter(str, "moment")
        app.add_template_global(lambda: self.token, "csrf_token")
        app.context_processor(frame)
        app.wsgi_app = security.with_headers(app.wsgi_app)  # type: ignore[assignment, method-assign]
        app.add_url_rule("/<any(list, step, kit, signin):name>", view_func=self.page)
        app.add_url_rule("/error/<int:code>", view_func=error)
        app.add_url_rule("/case.bpmn", view_func=drawing)
        app.add_url_rule("/bo-phan.json", "procedures.desk_names", desk_names)
        app.add_url_rule("/draft", view_func=self.draft, methods=["POST"])
        app.add_url_rule("/upload", view_func=upload, methods=["POST"])
        app.add_url_rule("/send", view_func=send, methods=["POST"])
        app.add_url_rule("/hx/<int:code>", view_func=fragment, methods=["GET", "POST"])
        return app

    def page(self, name: str) -> ResponseReturnValue:
        if name == "list":
            flash("Đã gửi báo cáo. Phòng Văn hóa – Xã hội sẽ kiểm tra trong 1 ngày làm việc.", "success")
        return render_template(f"{name}.html", draft=self.drafts[-1] if self.drafts else {})

    def draft(self) -> ResponseReturnValue:
        if self.signed_out:
            return redirect("/signin")
        if request.headers["X-CSRFToken"] != self.token:
            return jsonify(message="Phiên làm việc đã hết hạn."), 400
        if self.refusing:
            return jsonify(message="Việc này vừa được người khác xử lý."), self.refusing
        self.drafts.append(request.form.to_dict(flat=False))
        return jsonify(saved_at="2026-12-02T10:32:00+07:00")


class Desk(NamedTuple):
    membership_id: int
    label: str


def frame() -> dict[str, Any]:
    if request.path == "/signin" or "stranger" in request.args:
        return {}
    held = (Desk(1, "Trưởng phòng · Phòng VH-XH"), Desk(2, "Chuyên viên · Phòng VH-XH"))
    nav = tuple(
        Entry(label, "/list", icon, "12" if label == "Hộp việc" else "", active=not n)
        for n, (label, icon) in enumerate(PLACES.items())
    )
    return {
        "person": SimpleNamespace(name="Nguyễn Thị Minh", held=held, acting=held[0]),
        "ward_name": "UBND phường Minh Khai",
        "notification_count": "7",
        "demo_clock": "08:00 02/12/2026",
        "clock_now": lambda: "08:00 02/12/2026",
        "nav": nav,
    }


def error(code: int) -> ResponseReturnValue:
    return render_template(f"errors/{code}.html", message="Văn bản đã sửa sau khi ký nháy."), code


def drawing() -> ResponseReturnValue:
    return (HERE / "case.bpmn").read_text(encoding="utf-8"), 200, {"Content-Type": "application/xml"}


def desk_names() -> ResponseReturnValue:
    return jsonify(
        roles={"head": "Trưởng đơn vị"}, parties={"lead": "Đơn vị chủ trì"}, units={},
        recipients={"holder": "Người đang giữ việc"},
    )  # fmt: skip


def upload() -> ResponseReturnValue:
    file = request.files["file"]
    if (file.filename or "").endswith(".exe"):
        return jsonify(message="Không nhận tệp chương trình."), 422
    return jsonify(id=f"id-{file.filename}", name=file.filename, size=len(file.read()))


def send() -> ResponseReturnValue:
    if request.form.get("result") == "refuse":
        return render_template("step.html", draft=request.form.to_dict(flat=False)), 422
    return render_template("received.html", received=request.form.to_dict(flat=False))


def fragment(code: int) -> ResponseReturnValue:
    if code >= 400:
        return render_template("errors/409.html", message="Việc này vừa được bà Lan xử lý."), code
    return "<b>Mới</b>", 200, {"HX-Trigger": json.dumps({"toast": {"message": "Đã nhắc 3 đơn vị.", "kind": "success"}})}


def received(page: Page) -> dict[str, list[str]]:
    """What the server was sent, as its next page shows it."""
    answer: dict[str, list[str]] = json.loads(page.locator("#received").inner_text())
    return answer


def serve(workshop: Workshop) -> BaseWSGIServer:
    """Serve on a free port in a thread; the caller shuts the server down, which waits for its next look."""
    server = make_server("127.0.0.1", 0, workshop.application(), threaded=True)
    workshop.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
