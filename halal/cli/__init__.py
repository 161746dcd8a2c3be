"""Commands: `flask --app app …`. They run the same services as the pages."""

from flask import Flask
from flask_migrate.cli import db as migrations

from halal.cli import attendees, certificates, checkin, offices, seed, server, signing, users
from halal.cli.problems import explain_errors

GROUPS = (
    offices.group, users.group, seed.group, attendees.group, certificates.group, checkin.group, signing.group,
)  # fmt: skip


def init_app(app: Flask) -> None:
    for command in (*GROUPS, server.worker, server.serve):
        explain_errors(command)
        app.cli.add_command(command)
    explain_errors(migrations)
