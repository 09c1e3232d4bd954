"""What is signed for a browser: its session, and the token of its forms."""

from functools import lru_cache

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer

TOKEN = "csrf_token"  # noqa: S105  where the session keeps it


class Sessions(SecureCookieSessionInterface):
    """Flask's own, with a signer that is made once."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of the application whose sessions they are."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def register(app: Flask) -> None:
    """Refuse forms without their token, and let templates write it."""
    app.session_interface = Sessions()
    CSRFProtect(app)
    app.add_template_global(csrf_token, "csrf_token")
    app.context_processor(lambda: {"csrf_token": csrf_token})  # in the place of Flask-WTF's, which signs on each page


def csrf_token() -> str:
    """The token of the session's forms: signed once, it is the same on all pages."""
    secret = session.get(TOKEN)
    return _signed(secret) if secret else generate_csrf()


@lru_cache(maxsize=4096)
def _signed(_secret: str) -> str:
    """Of the session's secret, which is read where it is signed."""
    signed: str = generate_csrf()
    return signed
