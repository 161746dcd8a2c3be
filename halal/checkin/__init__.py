"""Check-in at the door: the log of operations, tablets with and without network, the organizer's board."""

from flask import Flask, Response, request

OURS = "Serambi-Api"  # static/checkin/ask.js believes no other answer


def init_app(app: Flask) -> None:
    from halal.checkin import gate, jobs  # not before the tables they ask are known

    assert jobs  # importing it registers what workers do
    app.extensions["device_gate"] = gate.check
    app.after_request(_mark)


def _mark(response: Response) -> Response:
    """In halls the network itself often answers in our place, with a log-in page or its own "forbidden": what is ours
    says so, errors too."""
    if request.path.startswith("/checkin/api/"):
        response.headers[OURS] = "1"
    return response
