"""What is signed for a browser: its session, and the token of its forms."""

import hashlib
import hmac
from functools import lru_cache, partial
from typing import Any

import orjson
from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf import csrf
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode, want_bytes
from itsdangerous.signer import Signer, SigningAlgorithm

from engine.clock import wall_clock

TOKEN = "csrf_token"  # noqa: S105  where the session keeps it


class Sha256(SigningAlgorithm):
    """HMAC by OpenSSL's own way, which is one call."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Of the value by the key."""
        return hmac.digest(key, value, "sha256")


# itsdangerous's own is a Python function, for which hmac takes a way five times as long. Flask-WTF signs by it.
Signer.default_digest_method = staticmethod(hashlib.sha256)


KEPT = 4096
"""Signatures whose check is remembered: a browser sends the same ones with each page."""


class Cookies(URLSafeTimedSerializer):
    """A session as signed JSON: it holds texts, numbers and lists of them, and is too short to be worth compressing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signer: Any = self.make_signer()
        self._checked = lru_cache(maxsize=KEPT)(partial(signer.unsign, return_timestamp=True))

    def loads(self, s: str | bytes, *args: Any, max_age: int | None = None, **kwargs: Any) -> Any:
        """What was signed, of which the signature is checked once. Raises BadSignature."""
        payload, signed_at = self._checked(want_bytes(s))
        age = (wall_clock() - signed_at).total_seconds()
        if max_age is None or not 0 <= age <= max_age:
            return super().loads(s, max_age, *args, **kwargs)
        return self.load_payload(payload)

    def dump_payload(self, obj: Any) -> bytes:
        """What is signed."""
        return base64_encode(orjson.dumps(obj))

    def load_payload(self, payload: bytes, *_: Any, **__: Any) -> Any:
        """What was signed."""
        return orjson.loads(base64_decode(payload))


class Sessions(SecureCookieSessionInterface):
    """Flask's own, with a signer that is made once, and whose key is derived once.

    It leaves out by what an answer varies (`Vary: Cookie`): nobody keeps one (`Cache-Control: no-store`), and the one
    that a browser does keep says so itself.
    """

    def __init__(self) -> None:
        self._cookies: Cookies | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of the application whose sessions they are."""
        if self._cookies is None:
            key = hmac.digest(want_bytes(app.secret_key or ""), want_bytes(self.salt), "sha256")
            self._cookies = Cookies(key, signer_kwargs={"key_derivation": "none", "algorithm": Sha256()})
        return self._cookies

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Sign what has changed."""
        if not session:
            super().save_session(app, session, response)
        elif self.should_set_cookie(app, session):
            cookies = self.get_signing_serializer(app)
            assert cookies is not None
            response.set_cookie(
                self.get_cookie_name(app), cookies.dumps(dict(session)), expires=self.get_expiration_time(app, session),
                path=self.get_cookie_path(app), secure=self.get_cookie_secure(app),
                httponly=self.get_cookie_httponly(app), samesite=self.get_cookie_samesite(app),
            )  # fmt: skip


class Tokens(URLSafeTimedSerializer):
    """The tokens of forms: each is good for as long as its session, so its signature is checked once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._checked = lru_cache(maxsize=KEPT)(super().loads)

    def loads(self, s: str | bytes, *_: Any, **__: Any) -> Any:
        """What was signed. Raises BadSignature."""
        return self._checked(s)


csrf.URLSafeTimedSerializer = lru_cache(maxsize=4)(Tokens)  # Flask-WTF makes one for each form that is sent.


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
