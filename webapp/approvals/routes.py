"""Duyệt và ký: the queue of those who sign."""

from flask import Blueprint

bp = Blueprint("approvals", __name__)
