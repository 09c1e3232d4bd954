"""Parts of pages that are written once: the same values make the same part, on whichever page."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from webapp.assets import asset

MOST = 2048

Macro = Callable[..., Markup]


def register(app: Flask) -> None:
    """Let templates write `{{ kept_part(macro, value, …) }}`: for macros that read nothing but what they are given."""
    written = lru_cache(maxsize=MOST)(_written)

    def kept_part(macro: Macro, *values: Hashable) -> Markup:
        return written(asset("icons.svg"), macro, *values)

    app.add_template_global(kept_part, "kept_part")


def _written(_icons: str, macro: Macro, *values: Hashable) -> Markup:
    """What a macro writes; its icons are of the sheet that is served now."""
    return macro(*values)
