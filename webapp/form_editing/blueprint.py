"""The blueprint that this package's pages hang on."""

from flask import Blueprint

bp = Blueprint("form_editing", __name__)
