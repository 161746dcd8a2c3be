"""Commands: `flask --app app …`. They run the same services as the pages."""

from flask import Flask

from halal.cli import certificates, seed, server, users


def init_app(app: Flask) -> None:
    app.cli.add_command(users.group)
    app.cli.add_command(seed.group)
    app.cli.add_command(certificates.group)
    app.cli.add_command(server.worker)
    app.cli.add_command(server.serve)
