"""Parts of pages that are written once: the same values make the same part, on whichever page."""

from collections.abc import Callable, Hashable, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.templating import Environment
from markupsafe import Markup

from webapp.assets import asset

MOST = 2048

Macro = Callable[..., Markup]


class Templates(Environment):
    """Flask's, with globals that are a dictionary: Jinja compares them at each import of a macro."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of all templates, unless a template is to have its own."""
        return super().make_globals(d) if d else self.globals


def register(app: Flask) -> None:
    """Let templates write `{{ kept_part(macro, value, …) }}`: for macros that read nothing but what they are given."""
    written = lru_cache(maxsize=MOST)(_written)

    def kept_part(macro: Macro, *values: Hashable) -> Markup:
        return written(asset("icons.svg"), macro, *values)

    app.add_template_global(kept_part, "kept_part")


def _written(_icons: str, macro: Macro, *values: Hashable) -> Markup:
    """What a macro writes; its icons are of the sheet that is served now."""
    return macro(*values)
