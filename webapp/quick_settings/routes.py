"""Thiết lập nhanh."""

from webapp.quick_settings import views
from webapp.quick_settings.blueprint import bp

__all__ = ["bp", "views"]
