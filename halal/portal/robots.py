"""Tells people who register from programs that do, without a riddle and without JavaScript.

A form carries a signed stamp that names its event, its own number and the moment it was made: nobody sends a form that
was not fetched, one form registers a family at most, and nobody fills one in within two seconds. Whoever fails keeps
what was typed and is asked to send it once more. Beside that, registrations are counted per event, far above what a
full hall behind one address needs; forms that fail count nothing.
"""

import uuid
from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature

from halal import clock, limits, web
from halal.errors import DomainError
from halal.events.models import Event
from halal.registrations.forms import PublicForm

QUICKEST = timedelta(seconds=2)
OLDEST = timedelta(days=2)
OF_A_FORM = limits.Limit(6, timedelta(hours=1))  # "Back", and the next one of the family
OF_AN_EVENT = limits.Limit(1000, timedelta(minutes=10))
OF_AN_EVENT_AND_ADDRESS = limits.Limit(400, timedelta(hours=1))
_PURPOSE = "registration form"


def stamp(event: Event, form: PublicForm) -> None:
    """Give a form its stamp, if it has none yet."""
    if not form.stamp.data:
        form.stamp.data = web.signed(_PURPOSE).dumps(_named(event, form))


def check_stamp(event: Event, form: PublicForm) -> None:
    """Raises DomainError for a form that was not fetched, is very old, or was sent faster than anybody types.

    Sending it once more is enough."""
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return
    try:
        named, made_at = web.signed(_PURPOSE).loads(
            form.stamp.data or "", max_age=OLDEST.total_seconds(), return_timestamp=True
        )
    except BadSignature:
        named, made_at = None, clock.now()
    if named != _named(event, form):
        raise _ask_again(form)
    if timedelta() <= clock.now() - made_at < QUICKEST:
        raise DomainError(_l("That was very quick. Please wait two seconds, then press the button again."))


def _ask_again(form: PublicForm) -> DomainError:
    form.stamp.data = None
    return DomainError(_l("Please look at what you typed once more, then press the button again."))


def count(event: Event, form: PublicForm) -> None:
    """Count a registration that is about to be written. Raises TooMany; or DomainError for a form that was sent for so
    many people that it gets a new number and stamp first."""
    try:
        limits.take(OF_A_FORM, "registration form", form.submission_id.data)
    except limits.TooMany:
        form.submission_id.data = str(uuid.uuid4())
        raise _ask_again(form) from None
    limits.take(OF_AN_EVENT, "registration", event.id)
    limits.take(OF_AN_EVENT_AND_ADDRESS, "registration", event.id, web.client_address())


def _named(event: Event, form: PublicForm) -> list:
    return [event.id, form.submission_id.data]
