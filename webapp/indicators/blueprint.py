"""The blueprint that the modules of this package put their routes on."""

from flask import Blueprint

from webapp.indicators.standing import figure

bp = Blueprint("indicators", __name__)
bp.add_app_template_filter(figure)
