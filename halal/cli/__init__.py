"""Commands: `flask --app app …`. They run the same services as the pages."""

from flask import Flask

from halal.cli import attendees, certificates, checkin, offices, seed, server, signing, users

GROUPS = (
    offices.group, users.group, seed.group, attendees.group, certificates.group, checkin.group, signing.group,
)  # fmt: skip


def init_app(app: Flask) -> None:
    for command in (*GROUPS, server.worker, server.serve):
        app.cli.add_command(command)
