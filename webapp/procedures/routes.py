"""Procedures and incidents."""

from flask import Blueprint

bp = Blueprint("procedures", __name__)
