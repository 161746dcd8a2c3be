"""The forms of an import: a file, its columns, one corrected row."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, FieldList, SelectField, StringField

from halal.events.models import Event
from halal.fields import CountField, Marked
from halal.meanwhile import mark
from halal.registrations.forms import AttendeeForm
from halal.registrations.importing.headings import COUNTER, FIELDS, KEY, NIK, PRESENT
from halal.registrations.importing.review import HEADINGS, shown
from halal.registrations.importing.understanding import candidates
from halal.registrations.models import Import, ImportRow

WITHOUT_NIB = _l("Take people without a NIB, too; it can follow later")


class UploadForm(FlaskForm):
    file = FileField(_l("Spreadsheet"), validators=[FileRequired(_l("Choose a file first."))])
    nib_later = BooleanField(WITHOUT_NIB)


class ColumnsForm(FlaskForm):
    """Which column is what. A change of sheet or heading row has the columns matched anew."""

    sheet = SelectField(_l("Sheet"), coerce=int)
    header = CountField(_l("Row of the headings"), description=_l("0 when the file has no headings."))
    nib_later = BooleanField(WITHOUT_NIB)
    alone = BooleanField(_l("Only this list: no other sheet, and no list beside or below it"))
    columns = FieldList(SelectField())

    def __init__(self, import_: Import, **kwargs):
        mapping = import_.mapping
        super().__init__(data={**mapping, "columns": mapping["columns"]}, **kwargs)
        titles = mapping["sheets"]
        self.sheet.choices = [(n, title or _("Sheet %(number)s", number=n + 1)) for n, title in enumerate(titles)]
        while len(self.columns) > len(import_.columns):  # a page of another sheet
            self.columns.pop_entry()
        for field, column in zip(self.columns, import_.columns, strict=False):
            field.label.text = column["heading"] or _("Column %(number)s", number=int(field.short_name or 0) + 1)
            field.choices = [
                ("", _("Leave out")), *((name, HEADINGS[name]) for name in FIELDS),
                (PRESENT, HEADINGS[PRESENT]), (KEY, HEADINGS[KEY]),
                (COUNTER, _("Number in the list – left out")), (NIK, _("NIK – never taken")),
            ]  # fmt: skip

    def chosen(self) -> dict:
        return {
            "sheet": self.sheet.data, "header": self.header.data or 0, "nib_later": self.nib_later.data,
            "alone": self.alone.data, "columns": [field.data for field in self.columns],
        }  # fmt: skip


class RowForm(Marked, AttendeeForm):
    """One row, corrected. What the file says about the region stays until something else is chosen."""

    address = StringField(_l("Address"))
    note = StringField(_l("Note"))
    everywhere = True

    def __init__(self, event: Event, row: ImportRow, **kwargs):
        fields = row.fields
        unclear = fields.get("region", "") if not fields.get("region_code") else ""
        super().__init__(
            event,
            data=fields | {"region_code": fields.get("region_code") or unclear, "seen": mark(shown(row))},
            **kwargs,
        )
        if unclear:
            likely = [(region.code, region.label) for region in candidates(unclear)]
            groups = {_("In the file"): [(unclear, f"“{unclear}”"), *likely]}
            self.region_code.choices = groups | self.region_code.choices

    def show(self, problems: list[dict]) -> "RowForm":
        """Put what is wrong with the row on its fields."""
        for entry in problems:
            field = "region_code" if entry["field"] == "region" else entry["field"]
            if entry.get("note"):
                continue
            if field in self:
                self[field].errors = [*self[field].errors, entry["message"]]
            else:
                self.form_errors.append(entry["message"])
        return self

    def typed(self) -> dict[str, str]:
        given = {name: self[name].data or "" for name in FIELDS if name != "region"}
        return given | {"region": self.region_code.data or ""}
