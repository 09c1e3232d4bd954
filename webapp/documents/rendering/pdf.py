"""An administrative document as PDF/A: tagged, in Vietnamese, the same bytes for the same document."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from webapp.documents.rendering.content import AdministrativeDocument, appendix_label, cleaned, lines

_TEMPLATES = Path(__file__).parent / "templates"
_VARIANT = "pdf/a-2a"

_environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
_environment.globals.update(
    kind_of=lambda block: type(block).__name__,
    lines=lines,
    appendix_label=appendix_label,
    css=Markup((_TEMPLATES / "administrative_document.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
)


def render_pdf(document: AdministrativeDocument) -> bytes:
    """The document on A4 pages. Nothing is fetched: text that looks like an address stays text."""
    from weasyprint import HTML  # Not at the top: it takes as long to load as half of all the rest.
    from weasyprint.urls import URLFetcher

    html = _html(cleaned(document))
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]), base_url="about:blank")
    identifier = hashlib.sha256(html.encode()).digest()[:16]
    return bytes(page.write_pdf(pdf_variant=_VARIANT, pdf_identifier=identifier))


def _html(document: AdministrativeDocument) -> str:
    title = f"{document.type_name or 'Công văn'}: {document.subject}"
    template = _environment.get_template("administrative_document.html")
    return template.render(document=document, title=title)
