"""What a visitor may do about an event, in words: on its card, and on its page."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from halal import formats
from halal.events.models import Event
from halal.registrations.services import RegistrationState, registration_state


@dataclass(frozen=True)
class Offer:
    """`state` of registration; `left` places (None: no limit); a badge; whether one may register or wait."""

    state: RegistrationState
    left: int | None
    badge: str
    tone: str

    @property
    def full(self) -> bool:
        return self.left == 0

    @property
    def open(self) -> bool:
        return self.state is RegistrationState.OPEN


def offer(event: Event, taken: int) -> Offer:
    """What the event offers now, when `taken` people have a place."""
    state = registration_state(event)
    left = None if event.capacity is None else max(0, event.capacity - taken)
    return Offer(state, left, *_badge(event, state, left))


def _badge(event: Event, state: RegistrationState, left: int | None) -> tuple[str, str]:
    if state is RegistrationState.OPEN:
        return _places(event, left)
    if state is RegistrationState.NOT_YET:
        opens = formats.date_short(event.registration_opens_at, event.timezone)
        return _("Registration opens on %(date)s", date=opens), "info"
    return {
        RegistrationState.CANCELLED: (_("Cancelled"), "bad"),
        RegistrationState.FINISHED: (_("Over"), "neutral"),
        RegistrationState.CLOSED: (_("Registration closed"), "neutral"),
        RegistrationState.OFFICE_ONLY: (_("By invitation"), "info"),
    }[state]


def _places(event: Event, left: int | None) -> tuple[str, str]:
    if left is None:
        return _("Registration open"), "good"
    if left:
        return ngettext("%(count)s place left", "%(count)s places left", left, count=formats.number(left)), "good"
    return (_("Full, waiting list open"), "warn") if event.waiting_list else (_("Full"), "bad")
