"""The blueprint that this package's pages hang on."""

from flask import Blueprint

bp = Blueprint("quick_settings", __name__)
