"""Accounts: staff, their roles, log-in, and the gate that every request passes."""

from flask import Flask

from halal.accounts import gate, jobs  # noqa: F401 -- jobs registers what the worker does
from halal.extensions import login_manager


def init_app(app: Flask) -> None:
    login_manager.user_loader(gate.load_user)
    app.before_request(gate.check)
    app.extensions["login_needed"] = gate.login_needed
    app.jinja_env.globals.update(can=gate.can)
