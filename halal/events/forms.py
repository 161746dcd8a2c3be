"""The shape of what people type about events. Dates and times are typed by the clock of the event's place."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import ValidationError

from halal import formats, regions
from halal.events import labels
from halal.events.details import EventDetails, PersonDetails, SessionDetails, over_midnight
from halal.events.models import Event, EventKind, EventRole
from halal.fields import (
    ClockField,
    CountField,
    DayField,
    LinesField,
    Marked,
    RegionField,
    RegionLinesField,
    Row,
    RowsField,
    at_most,
    in_order,
    needed,
    options,
    read_id,
)
from halal.programs.models import Program

_NIB_CHOICES = {"": None, "y": True, "n": False}
DAY_BEGINS, DAY_ENDS = time(0, 0), time(23, 59)


def moment(day: date | None, clock_time: time | None, zone: str, otherwise: time = DAY_BEGINS) -> datetime | None:
    """The moment that a calendar and a clock in this zone show; None without a day."""
    if day is None:
        return None
    return datetime.combine(day, clock_time or otherwise, ZoneInfo(zone))


class SessionRow(Row):
    id = HiddenField()
    title = StringField(_l("Title"), [at_most(150)])
    day = DayField(_l("Date"))
    starts = ClockField(_l("From"))
    ends = ClockField(_l("Until"))
    remove = BooleanField(_l("Delete"))

    def validate_title(self, field):
        if not (field.data or "").strip():
            raise ValidationError(_("Write the session's title."))

    def validate_starts(self, field):
        if not field.data and (self.day.data or self.ends.data):
            raise ValidationError(_("Write when the session begins."))


class PersonRow(Row):
    id = HiddenField()
    name = StringField(_l("Name with degrees"), [at_most(150)])
    title = StringField(_l("Position"), [at_most(200)])
    role = SelectField(
        _l("Role"), choices=options(labels.ROLES.items()), default=EventRole.SPEAKER, validate_choice=False
    )
    order = CountField(_l("Order"))
    remove = BooleanField(_l("Delete"))

    def validate_name(self, field):
        if not (field.data or "").strip():
            raise ValidationError(_("Write the name, or mark the row for removal."))

    def validate_role(self, field):
        if field.data not in set(EventRole):
            raise ValidationError(_("Choose a role from the list."))


class EventForm(Marked, FlaskForm):
    kind = SelectField(_l("Kind of event"), choices=options(labels.KINDS.items()), validate_choice=False)
    title = StringField(_l("Title"), [needed(_l("Write the event's title.")), at_most(200)])
    program_id = SelectField(_l("Program"), choices=[], validate_choice=False)
    summary = StringField(_l("In one sentence"), [at_most(300)])
    description = TextAreaField(_l("Description"), [at_most(20_000)])
    region_code = RegionField(_l("Regency or city"), [needed(_l("Choose a regency or city from the list."))])
    venue = StringField(_l("Venue"), [at_most(200)])
    address = TextAreaField(_l("Address"), [at_most(500)])
    zone = SelectField(_l("Time zone"), choices=[], validate_choice=False)
    starts_on = DayField(_l("Date"), [needed(_l("Choose the date."))])
    starts_time = ClockField(_l("From"), [needed(_l("Write when it begins."))])
    ends_time = ClockField(_l("Until"))
    ends_on = DayField(_l("Last day"))
    capacity = CountField(_l("Capacity"), minimum=1)
    walk_in_limit = CountField(_l("Walk-ins that one tablet may register"), minimum=1)
    waiting_list = BooleanField(_l("Keep a waiting list when it is full"), default=True)
    requires_nib = SelectField(
        _l("NIB"),
        choices=options(
            [("", _l("As usual for this kind of event")), ("y", _l("Required")), ("n", _l("Not required"))]
        ),
        default="",
        validate_choice=False,
        description=_l(
            "Usual: required of businesses if the program requires it, never of officials and guests at a "
            "coordination meeting or an award ceremony."
        ),
    )
    public_registration = BooleanField(_l("Anybody may register on the public page"), default=True)
    opens_on = DayField(_l("Registration opens on"))
    opens_time = ClockField(_l("At"))
    closes_on = DayField(_l("Registration closes on"))
    closes_time = ClockField(_l("At"))
    sessions = RowsField(SessionRow, _l("Sessions"), most=40)
    people = RowsField(PersonRow, _l("People on the programme"), most=100)
    invited = SelectMultipleField(
        _l("Invited regencies and cities"),
        choices=[],
        validate_choice=False,
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    other_regions = RegionLinesField(_l("Invited from other provinces"))
    partners = LinesField(_l("Partners"))

    def __init__(self, event: Event | None, programs: list[Program], province: str, seen: str = "", **defaults):
        """`programs` are those to choose from; `province` (a code) stands first among the regions."""
        super().__init__(seen=seen, data=(_values(event) if event is not None else defaults))
        self.event = event
        self.programs = {program.id: program for program in programs}
        self.program_id.choices = options([("", _("None")), *((str(p.id), p.title) for p in programs)])
        self.region_code.show(province)
        self.office_province = province
        self.offer_places()

    @classmethod
    def for_new(cls, programs: list[Program], office: regions.Region, program_id: str) -> "EventForm":
        """The form of a new event, with what is true of most: a morning, one session, the office's own place."""
        return cls(
            None,
            programs,
            office.province_code,
            program_id=program_id,
            region_code="" if office.is_province else office.code,
            starts_time=time(8, 0),
            ends_time=time(12, 0),
            sessions=[{"title": _("Main session")}],
        )

    def offer_places(self) -> None:
        """What depends on the region that is chosen: the zone it has, and which regencies can be ticked."""
        region = regions.find(self.region_code.data)
        province = region.province_code if region else self.office_province
        self.local_zone = region.timezone if region else _zone_of(self.office_province)
        by_place = _("By the place: %(zone)s", zone=formats.zone_label(self.local_zone))
        self.zone.choices = options([("", by_place), *((zone, formats.zone_label(zone)) for zone in formats.ZONES)])
        listed = regions.regencies(province)
        codes = {r.code for r in listed}
        ticked = [r for code in self.invited.data or [] if (r := regions.find(code)) and code not in codes]
        self.invited.choices = options((r.code, r.label) for r in [*listed, *ticked] if not r.is_province)

    @property
    def timezone(self) -> str:
        return self.zone.data if self.zone.data in formats.ZONES else self.local_zone

    def validate_kind(self, field):
        if field.data not in set(EventKind):
            raise ValidationError(_("Choose a kind from the list."))

    def validate_requires_nib(self, field):
        if field.data not in _NIB_CHOICES:
            raise ValidationError(_("Choose one from the list."))

    def validate_program_id(self, field):
        if field.data and read_id(field) not in self.programs:
            raise ValidationError(_("Choose a program of your office."))

    def validate_opens_time(self, field):
        if field.data and not self.opens_on.data:
            raise ValidationError(_("Choose the date as well."))

    def validate_closes_time(self, field):
        if field.data and not self.closes_on.data:
            raise ValidationError(_("Choose the date as well."))

    def validate_ends_on(self, field):
        if field.data and not self.ends_time.data and field.data != self.starts_on.data:
            raise ValidationError(_("Write when the last day ends."))

    def offer_rows(self) -> None:
        for rows in (self.sessions, self.people):
            rows.offer()

    def details(self) -> EventDetails:
        """What was typed, for the service."""
        zone = self.timezone
        starts_at = moment(self.starts_on.data, self.starts_time.data, zone)
        ends_at = moment(self.ends_on.data or self.starts_on.data, self.ends_time.data, zone)
        ends_at = ends_at if self.ends_on.data else over_midnight(starts_at, ends_at)
        plain = ("title", "summary", "description", "region_code", "venue", "address", "capacity", "walk_in_limit",
                 "waiting_list",
                 "public_registration", "partners")  # fmt: skip
        return EventDetails(
            kind=EventKind(self.kind.data),
            requires_nib=_NIB_CHOICES[self.requires_nib.data],
            timezone=zone,
            starts_at=starts_at,
            ends_at=ends_at if self.ends_time.data else None,
            registration_opens_at=moment(self.opens_on.data, self.opens_time.data, zone),
            registration_closes_at=moment(self.closes_on.data, self.closes_time.data, zone, DAY_ENDS),
            program=self.programs.get(read_id(self.program_id)),
            sessions=[self._session(row) for row in self.sessions.filled],
            people=[_person(row) for row in in_order(self.people.filled)],
            regions=[*dict.fromkeys([*(self.invited.data or []), *self.other_regions.codes])],
            **{name: self[name].data for name in plain},
        )

    def _session(self, row: SessionRow) -> SessionDetails:
        day, zone = row.day.data or self.starts_on.data, self.timezone
        starts_at = moment(day, row.starts.data, zone) if row.starts.data else None
        ends_at = moment(day, row.ends.data, zone) if row.ends.data else None
        return SessionDetails(
            id=read_id(row["id"]),
            title=row.title.data,
            starts_at=starts_at,
            ends_at=over_midnight(starts_at, ends_at),
        )


def _person(row: PersonRow) -> PersonDetails:
    return PersonDetails(id=read_id(row["id"]), name=row.name.data, title=row.title.data, role=EventRole(row.role.data))


def _zone_of(province: str) -> str:
    region = regions.find(province)
    return region.timezone if region else formats.ZONES[0]


def _values(event: Event) -> dict:
    """An event as its form shows it."""
    zone = event.timezone

    def split(when: datetime | None) -> tuple[date | None, time | None]:
        shown = formats.local(when, zone) if when else None
        return (shown.date(), shown.time()) if shown else (None, None)

    starts_on, starts_time = split(event.starts_at)
    ends_on, ends_time = split(event.ends_at)
    opens_on, opens_time = split(event.registration_opens_at)
    closes_on, closes_time = split(event.registration_closes_at)
    region = regions.find(event.region_code)
    plain = ("kind", "title", "summary", "description", "region_code", "venue", "address", "capacity",
             "walk_in_limit", "waiting_list", "public_registration")  # fmt: skip
    return {
        **{name: getattr(event, name) for name in plain},
        "requires_nib": {None: "", True: "y", False: "n"}[event.requires_nib],
        "program_id": str(event.program_id or ""),
        "zone": "" if region and region.timezone == zone else zone,
        "starts_on": starts_on, "starts_time": starts_time,
        "ends_on": ends_on if ends_on != starts_on else None, "ends_time": ends_time,
        "opens_on": opens_on, "opens_time": opens_time, "closes_on": closes_on, "closes_time": closes_time,
        "sessions": [_session_values(session, split, starts_on) for session in event.sessions],
        "people": [
            {"id": p.id, "name": p.name, "title": p.title, "role": p.role, "order": number}
            for number, p in enumerate(event.people, 1)
        ],
        "invited": [row.region_code for row in event.regions],
        "partners": [row.name for row in event.partners],
    }  # fmt: skip


def _session_values(session, split, event_day: date) -> dict:
    day, starts = split(session.starts_at)
    _day, ends = split(session.ends_at)
    # On the event's own day the date stays empty, so that the session moves along with the event.
    return {"id": session.id, "title": session.title, "day": day if day != event_day else None,
            "starts": starts, "ends": ends}  # fmt: skip


class StatusForm(FlaskForm):
    """Takes an event to another state; cancelling asks for a reason."""

    status = HiddenField()
    reason = StringField(
        _l("Why the event is cancelled"),
        [needed(_l("Write why the event is cancelled; the public page shows it."))],
        description=_l("The public page shows this sentence."),
    )
