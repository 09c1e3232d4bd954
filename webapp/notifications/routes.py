"""Notifications, mail, digest."""

from flask import Blueprint

bp = Blueprint("notifications", __name__)
