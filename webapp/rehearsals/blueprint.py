"""The blueprint that this package's pages hang on."""

from flask import Blueprint

bp = Blueprint("rehearsals", __name__)
