"""The blueprint that the modules of `views` put their routes on."""

from flask import Blueprint

bp = Blueprint("plans", __name__)
