"""Errors that a person may read: each carries a translatable sentence that says what to do."""


class DomainError(Exception):
    """A rule said no.

    `message` is a (lazy) translated sentence; `field` names the form field it belongs to, if one does;
    `status` is the HTTP status an answer should carry when nobody handles it closer to the form.
    """

    status = 422

    def __init__(self, message, field: str | None = None):
        super().__init__(str(message))
        self.message = message
        self.field = field


class NotFound(DomainError):
    """What was asked for does not exist, or belongs to another office: both look the same from outside."""

    status = 404


class Conflict(DomainError):
    """Somebody else was there first."""

    status = 409
