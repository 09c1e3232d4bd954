"""Plans: import, preview, issue, follow."""

from flask import Blueprint

bp = Blueprint("plans", __name__)
