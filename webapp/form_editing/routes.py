"""Forms of a draft, changed field by field."""

from webapp.form_editing import views
from webapp.form_editing.blueprint import bp

__all__ = ["bp", "views"]
