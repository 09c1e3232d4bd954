"""Forms of a draft, changed field by field, and seen as staff will see them."""

from webapp.form_editing import previews, views
from webapp.form_editing.blueprint import bp

__all__ = ["bp", "previews", "views"]
