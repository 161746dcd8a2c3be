"""The sentences that WTForms itself can say, out of our own catalogue: it ships none in Bahasa Indonesia."""

from flask_babel import get_translations
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

# Named here so that they are found and translated like all others.
SENTENCES = (
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("'%(value)s' is not a valid choice for this field."),
    _l("'%(value)s' are not valid choices for this field."),
    _l("Invalid choice(s): one or more data inputs could not be coerced."),
    _l("Not a valid integer value."),
    _l("Not a valid decimal value."),
    _l("Not a valid date value."),
    _l("Not a valid time value."),
    _l("This field is required."),
    _l("Invalid email address."),
    _l("Field cannot be longer than %(max)d characters."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
)


class _Words:
    """What WTForms asks for translations: bare ones, as it fills in the placeholders by itself."""

    def gettext(self, sentence: str) -> str:
        return get_translations().ugettext(sentence)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)  # Indonesian has one sentence for both


def init_app() -> None:
    """Every form of the product speaks through the catalogue."""
    words = _Words()
    FlaskForm.Meta.get_translations = lambda _meta, _form: words
