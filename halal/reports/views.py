"""An event's numbers."""

from flask import Blueprint

bp = Blueprint("reports", __name__)
