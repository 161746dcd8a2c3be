"""The shape of what is typed about an attendee: by an organizer, by the public, by the attendee again later.

What is acceptable is a rule of services (`check`), the same for forms and spreadsheets; no field here repeats it.
"""

import re
import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, IntegerField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Optional, ValidationError

from halal import regions, text
from halal.events.models import Event
from halal.fields import Marked

ELSEWHERE = "-"


def region_choices(event: Event, *, everywhere: bool) -> dict[str, list[tuple[str, str]]]:
    """The event's invited regions first, then the rest of their provinces and the event's own; `everywhere`: all."""
    invited = [r.region_code for r in event.regions]
    home = list(dict.fromkeys(code[:2] for code in [event.region_code, *invited]))
    others = [p.code for p in regions.provinces() if p.code not in home] if everywhere else []
    groups = {"": [("", _("Choose"))]}
    if invited:
        groups[_("Invited regions")] = [(code, regions.label(code)) for code in invited]
    for province in home + others:
        groups[regions.find(province).name] = [
            (r.code, r.label) for r in regions.regencies(province) if r.code not in invited
        ]
    return {name: choices for name, choices in groups.items() if choices}


class AttendeeForm(FlaskForm):
    """What is asked about an attendee. Nothing is required by the browser: the server says it in better words."""

    name = StringField(_l("Full name"), render_kw={"autocomplete": "name", "autocapitalize": "words"})
    phone = TelField(_l("Phone (WhatsApp)"), render_kw={"autocomplete": "tel", "placeholder": "0812 3456 7890"})
    business_name = StringField(_l("Business"), render_kw={"autocomplete": "organization"})
    product = StringField(_l("Product"), render_kw={"autocomplete": "off"})
    nib = StringField(_l("NIB"), render_kw={"inputmode": "numeric", "autocomplete": "off"})
    region_code = SelectField(_l("Regency or city"), choices=[], validate_choice=False)
    email = EmailField(_l("E-mail"), render_kw={"autocomplete": "email"})

    everywhere = False
    FIELDS = ("name", "phone", "business_name", "product", "nib", "region_code", "email")

    def __init__(self, event: Event, **kwargs):
        super().__init__(**kwargs)
        self.region_code.choices = region_choices(event, everywhere=self.everywhere)
        if not self.phone.raw_data:  # what is stored, shown as people write it
            self.phone.data = text.show_phone(self.phone.data)
        self.name.flags.required = True
        self.nib.flags.required = event.needs_nib

    def given(self) -> dict[str, str]:
        """What was typed, by the names of the details."""
        return {name: self[name].data or "" for name in self.FIELDS}


class SubmissionForm(AttendeeForm):
    """A form that registers; its number makes sending it twice register once."""

    submission_id = HiddenField()

    def __init__(self, event: Event, **kwargs):
        super().__init__(event, **kwargs)
        if not re.fullmatch(r"[\w-]{1,40}", self.submission_id.data or "", re.ASCII):
            self.submission_id.data = str(uuid.uuid4())


class DeskForm(SubmissionForm):
    """By hand, at the desk. The fields after `note` are what the organizer decided when something was in doubt."""

    address = StringField(_l("Address"))
    note = StringField(_l("Note"))
    anyway = BooleanField()
    without_nib = BooleanField()
    new_person = BooleanField()
    person_id = IntegerField(validators=[Optional()])
    waiting = BooleanField()
    over_capacity = BooleanField()

    everywhere = True
    FIELDS = (*AttendeeForm.FIELDS, "address", "note")
    DECISIONS = ("anyway", "person_id", "new_person", "waiting", "over_capacity")

    def __init__(self, event: Event, **kwargs):
        super().__init__(event, **kwargs)
        for field in self:  # the browser's own data is the organizer's, not the attendee's
            field.render_kw = {**(field.render_kw or {}), "autocomplete": "off"}

    def decisions(self) -> dict:
        """What the organizer has decided, by the names of `Decisions`."""
        return {name: self[name].data for name in self.DECISIONS}

    def decided(self) -> list[str]:
        """The names of decisions taken so far, to be carried on with the form."""
        return [name for name in (*self.DECISIONS, "without_nib") if self[name].data]

    def fill(self, known: dict[str, str]) -> None:
        """Fill in what was left empty. Another NIB than the known one is another business: its data stays away."""
        typed = "".join(filter(str.isdigit, self.nib.data or ""))
        other_business = typed and known.get("nib") and typed != known["nib"]
        for name, value in known.items():
            if not self[name].data and not (other_business and name in {"business_name", "product"}):
                self[name].data = value


class CorrectionForm(Marked, AttendeeForm):
    """Corrections in the attendee list, where several rows may be open at once: each has its own prefix."""

    address = StringField(_l("Address"))
    note = StringField(_l("Note"))

    everywhere = True
    FIELDS = (*AttendeeForm.FIELDS, "address", "note")

    def __init__(self, event: Event, **kwargs):
        super().__init__(event, **kwargs)
        self.nib.flags.required = False  # it may still be to come
        for field in self:
            field.render_kw = {**(field.render_kw or {}), "autocomplete": "off"}


class PublicForm(SubmissionForm):
    """By the attendee, on a phone. `website` is a trap: people do not see it, machines fill it in."""

    website = StringField(_l("Leave this empty"))
    consent = BooleanField(_l("I agree that my data is used for this event"),
                           [InputRequired(_l("Tick this box to register."))])  # fmt: skip
    photos = BooleanField(_l("Photos and videos of me may be published"))
    consent_version = HiddenField()
    stamp = HiddenField()
    waiting = BooleanField()

    def __init__(self, event: Event, **kwargs):
        super().__init__(event, **kwargs)
        self.region_code.choices[_("Elsewhere")] = [(ELSEWHERE, _("Another province"))]
        self.region_code.flags.required = True

    def validate_website(self, field):
        if field.data:
            raise ValidationError(_("Leave this field empty, then send again."))

    def validate_region_code(self, field):
        if not field.data:
            raise ValidationError(_("Choose a regency or city from the list."))

    def given(self) -> dict[str, str]:
        return {**super().given(), "region_code": "" if self.region_code.data == ELSEWHERE else self.region_code.data}


class TicketForm(Marked, AttendeeForm):
    """Corrections by the attendee, and what they allow about photos."""

    everywhere = True  # the office may have entered any region; it must not get lost here
    photos = BooleanField(_l("Photos and videos of me may be published"))
