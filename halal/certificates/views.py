"""Certificates: issuing, downloading, verifying."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)
