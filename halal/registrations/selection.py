"""Rows of the attendee list that somebody ticked, or all that it shows."""

import uuid

from sqlalchemy import select

from halal.events.models import Event
from halal.extensions import db
from halal.registrations.listing import Choice, Listing
from halal.registrations.models import Registration

ROW, ALL = "row", "all"


def selected(event: Event, choice: Choice, form) -> list[uuid.UUID]:
    """Who a form of the list is about, in the order of the list: all of the choice where the form says so, else the
    rows that were ticked, as far as they are of this event."""
    if form.get(ALL):
        return Listing(event, choice).ids()
    ticked = []
    for value in form.getlist(ROW):
        try:
            ticked.append(uuid.UUID(value))
        except ValueError:
            continue
    ours = select(Registration.id).where(Registration.event_id == event.id, Registration.id.in_(ticked))
    return list(db.session.scalars(ours.order_by(Registration.name_key, Registration.id)))
