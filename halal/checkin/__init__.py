"""Check-in at the door: the log of operations, tablets with and without network, the organizer's board."""

from flask import Flask


def init_app(app: Flask) -> None:
    from halal.checkin import gate  # not before the tables it asks are known

    app.extensions["device_gate"] = gate.check
