"""The built front end: plain names of bundles to their content-hashed files."""

import json
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, g, request, send_from_directory
from markupsafe import Markup

from webapp.security import public

DIST = Path(__file__).parent / "static" / "dist"
MANIFEST = DIST / "manifest.json"
ADDRESS = "/static/dist/"
A_YEAR = 31_536_000  # seconds


class AssetsNotBuilt(RuntimeError):  # noqa: N818  says what is the case, as all here do
    """The front end has not been built."""

    def __init__(self) -> None:
        super().__init__("Chưa dựng giao diện: chạy “npm ci && npm run build”.")


def register(app: Flask) -> None:
    """Serve the bundles, and let templates name them."""
    app.add_url_rule(f"{ADDRESS}<path:name>", "built", send_built)
    app.add_template_global(asset, "asset")
    app.add_template_global(icon, "icon_by_name")


def asset(name: str) -> str:
    """Return the address of a bundle (such as "app.js" or "icons.svg"; `webapp/frontend/build.mjs` makes them).

    Raises AssetsNotBuilt; KeyError for a name the build does not make.
    """
    # Written out, since a page names some fifty icons and `url_for` would cost as much as its statements.
    if "built" not in g:
        g.built = _manifest()
    return f"{request.script_root}{ADDRESS}{g.built[name]}"


def icon(name: str, label: str | None = None, **given: str) -> Markup:
    """Return a Tabler icon. Without a label it is decoration beside a word; with one it is read aloud."""
    if "icons" not in g:
        g.icons = asset("icons.svg")
    return drawn_icon(g.icons, name, label, given.get("class", ""))


@lru_cache(maxsize=1024)
def drawn_icon(sheet: str, name: str, label: str | None = None, more: str = "") -> Markup:
    """Return an icon of a sheet, with further classes."""
    shown = Markup(' class="{}"').format(f"q-icon {more}".rstrip())
    read = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg{}{}><use href="{}#{}"></use></svg>').format(shown, read, sheet, name)


@public
def send_built(name: str) -> Response:
    """Send a file of the build: compressed where the browser takes it, kept for good as its name carries its hash."""
    compressed = request.accept_encodings["gzip"] > 0 and (DIST / f"{name}.gz").is_file()
    stored = f"{name}.gz" if compressed else name
    response = send_from_directory(DIST, stored, mimetype=guess_type(name)[0], max_age=A_YEAR)
    if compressed:
        response.content_encoding = "gzip"
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    return response


def _manifest() -> dict[str, str]:
    try:
        built_at = MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise AssetsNotBuilt from None
    return _read_manifest(built_at)


@lru_cache(maxsize=1)
def _read_manifest(built_at: int) -> dict[str, str]:
    """Read once for each build, so that a rebuild needs no restart."""
    names: dict[str, str] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return names
