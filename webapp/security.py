"""Every route declares its permission; every answer carries its headers."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import HANDLERS, Command
from engine.errors import Kind, PermissionDenied, Rejected
from webapp.identity import current_person

V = TypeVar("V", bound=Callable[..., Any])

PUBLIC = "public"
BEFORE_NEW_PASSWORD = ("accounts.change_password", "accounts.sign_out")
COME_BACK = "Phiên đăng nhập đã hết. Hãy đăng nhập lại ở thẻ mới rồi quay về trang này."


class SessionEnded(Rejected):
    """Their password was changed, their account put out of use, or they were away too long, while a form lay open."""

    kind = Kind.FORBIDDEN
    message = "Phiên đăng nhập đã hết nên chưa ghi được. Hãy đăng nhập lại ở thẻ mới rồi gửi lại."


CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "manifest-src 'self'"
)
HEADERS = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), microphone=(), camera=(self)"),
    ("Cache-Control", "no-store"),  # Built files say for how long they may be kept.
]


def public(view: V) -> V:
    """Declare that anybody may see a route."""
    view.permissions = (PUBLIC,)  # type: ignore[attr-defined]
    return view


def requires(*permissions: str) -> Callable[[V], V]:
    """Declare that a route needs one of `permissions`, and check it."""

    def decorate(view: V) -> V:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            person = current_person()
            if person is None:
                return _to_sign_in()
            if person.must_change_password and request.endpoint not in BEFORE_NEW_PASSWORD:
                return redirect(url_for("accounts.change_password", tiep=_return_path()))
            if not any(permission in person.permissions for permission in permissions):
                raise PermissionDenied
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer

        checked.permissions = permissions  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def runs(*commands: type[Command]) -> Callable[[V], V]:
    """Declare which commands a route executes: the first one's permission is the route's."""
    return requires(commands[0].permission)


def _to_sign_in() -> ResponseReturnValue:
    """What was sent in vain is held out by a page that says so, or stays on the page whose part it was.

    Raises SessionEnded.
    """
    if request.method == "POST":
        raise SessionEnded
    if "HX-Request" in request.headers:
        raise SessionEnded(COME_BACK)
    return redirect(url_for("accounts.sign_in", tiep=_return_path()))


def _return_path() -> str | None:
    """Where to go on after signing in; only a GET can be repeated."""
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None


def require_declarations(app: Flask) -> None:
    """Raises RuntimeError where a route or a command declares no permission: the application must not start."""
    undeclared = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not getattr(app.view_functions[rule.endpoint], "permissions", None)
    ]
    undeclared += [command.__name__ for command in HANDLERS if not getattr(command, "permission", None)]
    if undeclared:
        raise RuntimeError(f"no permission declared: {', '.join(sorted(undeclared))}")


def with_headers(application: WSGIApplication) -> WSGIApplication:
    """The application with the security headers on every answer; a page may have set a looser policy for itself."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            given = {name for name, _ in headers}
            return start_response(status, headers + [header for header in HEADERS if header[0] not in given], *error)

        return application(environ, start)

    return answer
