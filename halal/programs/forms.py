"""The shape of what people type about programs."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField

from halal import regions
from halal.fields import (
    CountField,
    DayField,
    LinesField,
    Marked,
    RegionLinesField,
    Row,
    RowsField,
    at_most,
    needed,
    options,
)
from halal.programs.details import PLAIN, ProgramDetails
from halal.programs.models import Program, Route

ROUTES = {Route.SELF_DECLARE: _l("Self-declare"), Route.REGULAR: _l("Regular")}


class QuotaRow(Row):
    """One regency or city: whether it takes part, and with how many."""

    code = HiddenField()
    chosen = BooleanField(_l("Takes part"))
    quota = CountField(_l("Quota"))

    is_blank = False

    @property
    def label(self) -> str:
        return regions.label(self.code.data)


class ProgramForm(Marked, FlaskForm):
    title = StringField(_l("Name of the program"), [needed(_l("Write the program's name.")), at_most(200)])
    description = TextAreaField(_l("Description"), [at_most(10_000)])
    target = CountField(_l("Target"), minimum=1, description=_l("Businesses to be certified."))
    route = RadioField(_l("Route"), choices=[], validate_choice=False)
    requires_nib = BooleanField(
        _l("The NIB is required"),
        description=_l(
            "Asked of the businesses that register for its sessions, drive days and trainings; never of officials and "
            "guests at meetings and award ceremonies."
        ),
    )
    starts_on = DayField(_l("Starts on"))
    deadline = DayField(_l("Deadline"))
    deadline_note = StringField(
        _l("Where the deadline comes from"), [at_most(200)], description=_l("For instance the decree that sets it.")
    )
    refuses_outside = BooleanField(
        _l("Refuse who is outside"),
        description=_l(
            "Businesses of other regions, over a quota or after the deadline cannot register then. "
            "Otherwise they are registered, told so, and marked in the attendee list."
        ),
    )
    closed = BooleanField(_l("Closed"), description=_l("No new events are planned in a closed program."))
    quotas = RowsField(QuotaRow, _l("Quota per regency or city"), most=514)
    other_regions = RegionLinesField(
        _l("Other regencies and cities"), description=_l("One per line. They join the list when you save.")
    )
    partners = LinesField(_l("Partners"), description=_l("One institution per line."))

    def __init__(self, program: Program | None, province: str, seen: str = ""):
        """`province` is the code of the office's own: its regencies and cities are offered."""
        known = {quota.region_code: quota.quota for quota in program.quotas} if program else {}
        codes = dict.fromkeys([*(r.code for r in regions.regencies(province)), *known])
        values = {name: getattr(program, name) for name in PLAIN} if program else {}
        super().__init__(
            data={
                **values,
                "seen": seen,
                "route": program.route if program else None,
                "partners": [partner.name for partner in program.partners] if program else [],
                "quotas": [{"code": code, "chosen": code in known, "quota": known.get(code)} for code in codes],
            }
        )
        self.route.choices = options([*ROUTES.items(), ("", _("Not decided"))])
        self.route.data = str(self.route.data or "")

    def validate_route(self, field):
        if field.data not in {"", *Route}:
            field.data = ""

    def details(self) -> ProgramDetails:
        """What was typed, for the service."""
        quotas = {
            row.code.data: row.quota.data for row in self.quotas.filled if row.chosen.data or row.quota.data is not None
        }
        return ProgramDetails(
            quotas={**quotas, **{code: quotas.get(code) for code in self.other_regions.codes}},
            route=Route(self.route.data) if self.route.data else None,
            partners=self.partners.data or [],
            **{name: self[name].data for name in PLAIN},
        )
