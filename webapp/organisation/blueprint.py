"""The blueprint that the modules of `views` put their routes on."""

from flask import Blueprint

bp = Blueprint("organisation", __name__)
