"""Why somebody cannot be registered."""

from flask_babel import lazy_gettext as _l

from halal.errors import Conflict, DomainError


class RegistrationClosed(DomainError):
    """The event takes no registrations now; the message says why."""


class EventFull(Conflict):
    """No place is free. `waiting_list` says whether the person may wait for one."""

    def __init__(self, waiting_list: bool):
        if waiting_list:
            message = _l("All places are taken. You can join the waiting list.")
        else:
            message = _l("All places are taken and this event has no waiting list.")
        super().__init__(message)
        self.waiting_list = waiting_list


class AlreadyRegistered(Conflict):
    """The same person has a place at this event already: `registration`.

    The message must not help anybody to somebody else's ticket: it names neither the person nor the link.
    """

    def __init__(self, registration, field: str | None = None):
        if field == "nib":
            message = _l("This NIB is registered for this event already.")
        else:
            message = _l("This name and phone number are registered for this event already.")
        super().__init__(message, field)
        self.registration = registration
