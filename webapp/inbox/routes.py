"""Hộp việc and the step page."""

from flask import Blueprint

bp = Blueprint("inbox", __name__)
