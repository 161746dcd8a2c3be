"""Why a mail was not sent, in words for the office; and whether mail is set up at all."""

from flask import Flask, current_app
from flask_babel import gettext as _

from halal.messages.sending import NOT_SET_UP


def is_set_up() -> bool:
    """Whether this installation sends mail. Where it does not, nothing of mail is offered."""
    return bool(current_app.config["HALAL"].smtp_url)


def reason_in_words(error: str) -> str:
    """What a mail's `error` means to the office, with the server's own words where there are any."""
    code = error[:3]
    if error == NOT_SET_UP:
        return _("This site is not connected to a mail server.")
    if code.isdigit() and code.startswith("5"):
        return _("The mail server refused it for good (%(error)s). Check the address.", error=error)
    if code.isdigit():
        return _("The mail server could not take it yet (%(error)s).", error=error)
    if error.startswith(("TimeoutError", "ConnectionRefusedError", "gaierror", "SMTPServerDisconnected", "OSError")):
        return _("The mail server does not answer. Tell whoever runs this site.")
    return _("The mail server could not be used (%(error)s). Tell whoever runs this site.", error=error)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["mail_is_set_up"] = is_set_up
    app.jinja_env.filters["mail_reason"] = reason_in_words
