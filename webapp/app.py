"""The Flask application."""

from importlib import import_module
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.runtime import Runtime
from webapp import assets, errors, kept_parts, navigation, presentation, security, signing
from webapp.database import db
from webapp.incoming import FORM_BYTES, CleanRequest
from webapp.settings import Settings

CAPABILITIES = (
    "accounts", "inbox", "cases", "plans", "indicators", "difficulties", "searching", "cycles", "approvals",
    "documents", "procedures", "form_editing", "quick_settings", "rehearsals", "organisation", "unit_changes",
    "contacts", "notifications",
)  # fmt: skip


def create_app(settings: Settings) -> Flask:
    """The application, ready to serve. Raises RuntimeError where a route or command declares no permission."""
    app = Flask(__name__)
    app.request_class = CleanRequest
    app.jinja_environment = kept_parts.Templates
    app.config.update(_configuration(settings))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    db.init_app(app)
    signing.register(app)
    with app.app_context():
        app.extensions["quytrinh"] = Runtime(db.engine, movable_clock=settings.movable_clock)
    for routes in load_capabilities():
        app.register_blueprint(routes.bp)
    security.public(app.view_functions["static"])
    assets.register(app)
    kept_parts.register(app)
    navigation.register(app)
    presentation.register(app)
    errors.register(app)
    app.wsgi_app = security.with_headers(app.wsgi_app)  # type: ignore[assignment, method-assign]
    security.require_declarations(app)
    return app


def load_capabilities() -> list[Any]:
    """The routes of each, and with them all that registers itself."""
    return [import_module(f"webapp.{capability}.routes") for capability in CAPABILITIES]


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes + FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,  # a Vietnamese letter takes nine bytes on its way
        "SESSION_COOKIE_NAME": "quytrinh",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "SESSION_REFRESH_EACH_REQUEST": False,  # webapp/identity.py renews it now and then
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may lie open all day
        "WTF_CSRF_SSL_STRICT": settings.secure_cookies,
    }
