"""The list, one contact with its letter, and how a name in a plan becomes one."""

from webapp.contacts import naming, pages
from webapp.contacts.blueprint import bp

__all__ = ["bp", "naming", "pages"]
