"""Staff accounts: log-in, the own account, the team of an office."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from halal.accounts.views import password, session, team  # noqa: E402, F401 -- they add their routes to bp
