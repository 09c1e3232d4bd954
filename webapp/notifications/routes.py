"""Notifications, mail, digest."""

from flask import Blueprint

from webapp.notifications import mail, telling

__all__ = ["bp", "mail", "telling"]

bp = Blueprint("notifications", __name__)
