"""From a form to details that may be stored."""

from halal import web
from halal.events.models import Event
from halal.registrations import services
from halal.registrations.forms import AttendeeForm
from halal.registrations.services import Details


def read_details(form: AttendeeForm, event: Event, *, need_nib: bool | None = None) -> Details | None:
    """What was typed, cleaned; or None, with every problem written on the form."""
    complete = form.validate()
    details, problems = services.check(Details(**form.given()), event, need_nib=need_nib)
    for problem in problems:
        web.show_errors(form, problem)
    return None if problems or not complete else details
