"""The shape of what an owner types about the office: the parts of one page, sent together."""

from dataclasses import fields

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import ValidationError

from halal import regions
from halal.fields import CountField, Marked, RegionField, Row, RowsField, at_most, in_order, needed, read_id
from halal.organizations.details import Identity, SignatoryDetails
from halal.organizations.models import Organization


class IdentityForm(Marked, FlaskForm):
    parent_name = StringField(
        _l("Parent institution"),
        [at_most(200)],
        description=_l("Stands above the name, for instance the Dinas of a UPTD."),
    )
    name = StringField(_l("Name of the office"), [needed(_l("Write the office's name.")), at_most(200)])
    short_name = StringField(_l("Short name"), [at_most(80)], description=_l("For menus and lists."))
    address = TextAreaField(_l("Address"), [at_most(300)])
    phone = TelField(_l("Phone"), [at_most(40)])
    email = EmailField(_l("E-mail"), [at_most(254)])
    website = StringField(_l("Website"), [at_most(200)], render_kw={"inputmode": "url"})
    region_code = RegionField(
        _l("Province, regency or city"),
        [needed(_l("Choose a province, regency or city from the list."))],
        provinces=True,
        description=_l("Sets the time zone and the regions that forms offer first."),
    )

    def __init__(self, office: Organization, **kwargs):
        super().__init__(obj=office, **kwargs)
        region = regions.find(office.region_code)
        self.region_code.show(region.province_code if region else None)

    def identity(self) -> Identity:
        return Identity(**{field.name: self[field.name].data or "" for field in fields(Identity)})


class LogoForm(FlaskForm):
    picture = FileField(
        _l("Logo"),
        description=_l("PNG or JPEG, at most 10 MB. A PNG with a see-through background prints best."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    remove_logo = BooleanField(
        _l("Remove the logo"), description=_l("Letters and new certificates are printed without a logo then.")
    )


class SealForm(FlaskForm):
    seal = FileField(
        _l("Stamp"),
        description=_l("PNG with a see-through background, about 3 cm wide when printed."),
        render_kw={"accept": "image/png,image/webp"},
    )
    remove_seal = BooleanField(
        _l("Remove the stamp"), description=_l("New certificates are printed without a stamp then.")
    )


class NumberingForm(Marked, FlaskForm):
    number_pattern = StringField(
        _l("Pattern of certificate numbers"), [needed(_l("Write a pattern."))], render_kw={"autocomplete": "off"}
    )


class SignatoryRow(Row):
    id = HiddenField()
    name = StringField(_l("Name with degrees"), [at_most(150)])
    title = StringField(_l("Position"), [at_most(200)])
    nip = StringField(_l("NIP"), [at_most(30)], render_kw={"inputmode": "numeric"})
    order = CountField(_l("Order"))
    active = BooleanField(_l("Signs"), default=True)
    remove = BooleanField(_l("Delete"))

    def validate_name(self, field):
        if not (field.data or "").strip():
            raise ValidationError(_("Write the name, or mark the row for removal."))

    def validate_title(self, field):
        if not (field.data or "").strip():
            raise ValidationError(_("Write the position."))


class SignatoriesForm(Marked, FlaskForm):
    signatories = RowsField(SignatoryRow, _l("Signatories"), most=20)

    def __init__(self, office: Organization, **kwargs):
        rows = [
            {"id": s.id, "name": s.name, "title": s.title, "nip": s.nip, "active": s.active, "order": number}
            for number, s in enumerate(office.signatories, 1)
        ]
        super().__init__(data={"signatories": rows}, **kwargs)

    def details(self) -> list[SignatoryDetails]:
        return [
            SignatoryDetails(
                id=read_id(row["id"]), name=row["name"].data, title=row["title"].data, nip=row["nip"].data,
                active=row["active"].data,
            )
            for row in in_order(self.signatories.filled)
        ]  # fmt: skip
