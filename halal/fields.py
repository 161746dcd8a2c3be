"""Form fields that several features share: what they read is clean, and what they refuse they refuse in words."""

import re
from datetime import date
from itertools import chain
from textwrap import shorten

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from halal import formats, regions, text

MAX_COUNT = 1_000_000
SPARE_ROWS = 3


def needed(message) -> InputRequired:
    """The field may not stay empty; the message says what to write."""
    return InputRequired(message)


def options(pairs) -> list[SelectChoice]:
    """What a select offers, from (value, label) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]


def at_most(characters: int) -> Length:
    return Length(max=characters, message=_l("At most %(max)d characters fit; this has more."))


class DayField(DateField):
    """A date."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(label, validators, invalid_value_message=_l("This date does not exist."), **kwargs)

    def process_formdata(self, valuelist):
        self.data = None  # emptied means none, not the value from before
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)


class ClockField(TimeField):
    """A time of day; 08:00 or, as Indonesian offices write it, 08.00. "24.00" is the last minute of the day."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(
            label,
            validators,
            format=["%H:%M", "%H.%M", "%H:%M:%S"],
            invalid_value_message=_l("Write a time like 08.30."),
            **kwargs,
        )

    def process_formdata(self, valuelist):
        self.data = None  # emptied means none, not the value from before
        if valuelist and (typed := re.sub(r"(?i)^(pukul|jam|pkl\.?)\s+|\s*wi(b|ta|t)$", "", valuelist[0].strip())):
            super().process_formdata(["23:59" if re.fullmatch(r"24[.:]00([.:]00)?", typed) else typed])


class CountField(Field):
    """A whole number that counts something, or None. "1.000" is one thousand, as Indonesian writes it."""

    widget = TextInput()

    def __init__(self, label=None, validators=None, minimum: int = 0, **kwargs):
        kwargs["render_kw"] = {"inputmode": "numeric", "autocomplete": "off", **kwargs.get("render_kw", {})}
        super().__init__(label, validators, **kwargs)
        self.minimum = minimum

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist):
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+", typed):
            typed = typed.replace(".", "")
        if not re.fullmatch(r"[0-9]{1,9}", typed) or not self.minimum <= int(typed) <= MAX_COUNT:
            if self.flags.required:
                raise ValueError(_("Write a whole number from %(min)s.", min=self.minimum))
            raise ValueError(_("Write a whole number from %(min)s, or leave it empty.", min=self.minimum))
        self.data = int(typed)


class RegionField(SelectField):
    """A region, grouped by province. `show` puts one province first; `provinces=True` offers provinces as well."""

    def __init__(self, label=None, validators=None, provinces: bool = False, **kwargs):
        super().__init__(label, validators, choices=[], validate_choice=False, **kwargs)
        self.provinces = provinces
        self.show(None)

    def show(self, first: str | None) -> None:
        """Offer all regions, this province's (code) before the others."""
        ordered = sorted(regions.provinces(), key=lambda p: (p.code != first, p.name))
        self.choices = options([("", _("Choose"))]) + [
            SelectChoice(region.code, region.label, optgroup=province.name)
            for province in ordered
            for region in [*([province] if self.provinces else []), *regions.regencies(province.code)]
        ]

    def pre_validate(self, form):
        region = regions.find(self.data)
        if region is None or (region.is_province and not self.provinces):
            raise ValidationError(_("Choose a regency or city from the list."))


class LinesField(TextAreaField):
    """Several short texts, one per line: a list without empty lines and repetitions."""

    def __init__(self, label=None, validators=None, longest: int = 200, most: int = 60, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.longest, self.most = longest, most

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist):
        typed = valuelist[0].splitlines() if valuelist else []
        self.data = list(dict.fromkeys(line for line in map(text.clean_line, typed) if line))

    def pre_validate(self, form):
        if len(self.data or []) > self.most:
            raise ValidationError(_("At most %(most)s lines fit.", most=self.most))
        for line in self.data or []:
            if len(line) > self.longest:
                raise ValidationError(
                    _("“%(line)s…” is too long; at most %(max)s characters fit.", line=line[:40], max=self.longest)
                )


class RegionLinesField(LinesField):
    """Regencies and cities, one per line; `codes` are what they mean. Names that mean two regions are refused."""

    def pre_validate(self, form):
        super().pre_validate(form)
        self.codes = [self._code(line) for line in self.data or []]

    def _code(self, line: str) -> str:
        found = regions.guess(line)
        if not found:
            raise ValidationError(_("“%(line)s” is no regency or city. Write it like Kab. Serang.", line=line[:60]))
        if len(found) > 1:
            raise ValidationError(
                _(
                    "“%(line)s” may mean %(first)s or %(second)s. Write which.",
                    line=line[:60],
                    first=found[0].label,
                    second=found[1].label,
                )
            )
        return found[0].code


class Marked:
    """Part of a form that changes what exists: it carries the mark of what it showed (halal/meanwhile.py)."""

    seen = HiddenField()

    def tell(self, now: str, theirs: dict) -> None:
        """Somebody else saved meanwhile: say beside each field what is stored now where it differs from what was typed.
        Sent again, the form comes from one who knows (its mark is `now`)."""
        self.seen.data = now
        for name, value in theirs.items():
            field = self._fields.get(name)
            if isinstance(field, (StringField, CountField, DayField)) and not isinstance(field, HiddenField):
                said = _("Stored now: %(value)s", value=_spoken(field, value)) if value else _("Stored now: nothing")
                field.errors = [*field.errors, said]


def _spoken(field: Field, value) -> str:
    if isinstance(value, date):
        return formats.date_only(value)
    if isinstance(value, int):
        return formats.number(value)
    if isinstance(field, TelField):
        return text.show_phone(value)
    return shorten("; ".join(value) if isinstance(value, list) else value, 200, placeholder=" …")


class Row(Form):
    """One of the rows of a RowsField. A field `id` says that it is stored already, `remove` that it shall go."""

    @property
    def is_blank(self) -> bool:
        return not any(
            str(field.data or "").strip() for field in self if field.type in {"StringField", "DayField", "ClockField"}
        )

    @property
    def is_old(self) -> bool:
        return bool("id" in self and self["id"].data)

    @property
    def is_dropped(self) -> bool:
        return bool("remove" in self and self["remove"].data)


class RowsField(FieldList):
    """Like rows of one small form, that work without JavaScript: some blank rows always wait at the end.

    Blank rows are no input. `filled` gives the rows that are; `offer` adds the blank ones before the form is shown.
    """

    def __init__(self, row_class: type[Row], label=None, most: int = 60, **kwargs):
        super().__init__(FormField(row_class), label, max_entries=most + SPARE_ROWS, **kwargs)
        self.most = most

    def _extract_indices(self, prefix, formdata):
        pattern = re.compile(re.escape(prefix) + r"-([0-9]{1,4})-")
        return (int(match[1]) for match in map(pattern.match, formdata) if match)

    def validate(self, form, extra_validators=()):
        rows = [entry for entry in self.entries if entry.form.is_old or not entry.form.is_blank]
        for entry in rows:
            if not entry.form.is_dropped:
                entry.form.validate()
        self.errors = [
            _("Row %(number)s: %(message)s", number=self.entries.index(entry) + 1, message=message)
            for entry in rows
            for message in chain.from_iterable(entry.form.errors.values())
        ]
        if len(rows) > self.most:
            self.errors.append(_("At most %(most)s lines fit.", most=self.most))
        return not self.errors

    @property
    def filled(self) -> list[Row]:
        """The rows with input that are to stay, in the order shown."""
        rows = (entry.form for entry in self.entries)
        return [row for row in rows if not row.is_dropped and (row.is_old or not row.is_blank)]

    def offer(self, spare: int = SPARE_ROWS) -> None:
        """Let blank rows wait at the end of the form, so that people can add rows without JavaScript."""
        blank = 0
        for entry in reversed(self.entries):
            if entry.form.is_old or not entry.form.is_blank:
                break
            blank += 1
        for _number in range(min(spare - blank, self.max_entries - len(self.entries))):
            self.append_entry()


def in_order(rows: list[Row]) -> list[Row]:
    """By the number in their `order` field; rows without one stay behind, as they stand."""
    return sorted(rows, key=lambda row: (row["order"].data is None, row["order"].data or 0))


def read_id(field: Field) -> int | None:
    """The id in a hidden field, or None for what is no id."""
    typed = str(field.data or "")
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else None
