"""The shape of what people type about certificates."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from halal.certificates import own
from halal.certificates.look import BODY_MAX, LEAD_MAX, PALETTE, TITLE_MAX, Look
from halal.certificates.models import REASON_MAX
from halal.fields import CountField, DayField, Marked, at_most, needed, options


class ChecksField(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form):
        try:
            super().pre_validate(form)
        except ValidationError:  # its own message would name what is chosen as the computer does
            raise ValidationError(_("Something chosen is not on the list any more. Choose again.")) from None


class IssueForm(FlaskForm):
    """How certificates are issued. `signatories` and `people` get their choices from the view."""

    issued_on = DayField(_l("Date on the certificate"), [needed(_l("Choose the date."))])
    place = StringField(_l("Place"), [needed(_l("Write the place.")), at_most(80)])
    signatories = ChecksField(_l("Signatories"), coerce=int)
    people = ChecksField(_l("Recipients"))
    recipient = SelectField(_l("Preview with"), validate_choice=False)
    early = BooleanField(_l("Issue now all the same"))
    mail = BooleanField(_l("Send the link by e-mail to those who gave an address"), default=True)


class FirstNumberForm(FlaskForm):
    first = CountField(_l("Begin at"), [needed(_l("Write a number, for instance 128."))], minimum=1)


class AwardForm(Marked, FlaskForm):
    recipient = TextAreaField(
        _l("Recipient"), [needed(_l("Write who receives the award.")), at_most(200)],
        description=_l("Line ends are kept on the certificate."), render_kw={"rows": 2},
    )  # fmt: skip
    recipient_kind = RadioField(
        _l("The recipient is"), choices=options([("institution", _l("an institution")), ("person", _l("a person"))]),
        validators=[needed(_l("Choose one."))], default="institution",
    )  # fmt: skip
    received_by = StringField(
        _l("Received by"), [at_most(200)], description=_l("Who comes to the stage, with the title.")
    )
    citation = TextAreaField(
        _l("Citation"), [needed(_l("Write what the award is for.")), at_most(400)],
        description=_l("It goes on after the name: “as …” or “for …”."), render_kw={"rows": 3},
    )  # fmt: skip
    issuer = StringField(
        _l("Issuer, when it is not this office"),
        [at_most(200)],
        description=_l("For instance MUI Provinsi Kalimantan Timur."),
    )
    signatory_name = StringField(_l("Who signs for it"), [at_most(150)])
    signatory_title = StringField(_l("Title of the signatory"), [at_most(200)])
    number = StringField(
        _l("Its own number"),
        [at_most(120)],
        description=_l("The number on that institution's paper. If it is empty, no number is printed."),
    )


class DesignForm(Marked, FlaskForm):
    """How certificates of one kind look. `own` stands for a color that is not in the palette."""

    orientation = RadioField(
        _l("Sheet"), [needed(_l("Choose one."))],
        choices=options([("landscape", _l("landscape")), ("portrait", _l("portrait"))]),
    )  # fmt: skip
    accent = RadioField(
        _l("Color"), [needed(_l("Choose one."))], choices=options([*PALETTE.items(), ("own", _l("another one"))])
    )
    own_accent = StringField(_l("Another color"), [at_most(7)], description=_l("For instance #14532f."))
    language = RadioField(
        _l("Language"), [needed(_l("Choose one."))], choices=options([("id", "Bahasa Indonesia"), ("en", "English")])
    )
    title = StringField(_l("Title"), [at_most(TITLE_MAX)], description=_l("Empty: the usual words."))
    lead = StringField(_l("Lead-in above the name"), [at_most(LEAD_MAX)])
    body = StringField(
        _l("Line below the event"), [at_most(BODY_MAX)],
        description=_l("These are filled in: %(slots)s.", slots="{{office}} {{day}} {{place}}"),
    )  # fmt: skip
    html = TextAreaField(
        _l("HTML"), [at_most(own.MAX_LENGTH)],
        description=_l("Empty: the shipped design. Required: %(slots)s.", slots="{{recipient}} {{number}} {{qr}}"),
        render_kw={"rows": 10, "spellcheck": "false"},
    )  # fmt: skip
    css = TextAreaField(_l("CSS"), [at_most(own.MAX_LENGTH)], render_kw={"rows": 10, "spellcheck": "false"})
    stamp = BooleanField(_l("Print the office's stamp over the first signature"))

    def __init__(self, look: Look, **kwargs):
        accent = look.accent if look.accent in PALETTE else "own"
        own = "" if accent != "own" else look.accent
        super().__init__(data={**vars(look), "accent": accent, "own_accent": own, "seen": str(look.version)}, **kwargs)

    def look(self) -> Look:
        accent = self.own_accent.data if self.accent.data == "own" else self.accent.data
        return Look(
            self.orientation.data or "", accent or "", self.language.data or "", self.title.data or "",
            self.lead.data or "", self.body.data or "", bool(self.stamp.data),
            self.html.data or "", self.css.data or "",
        )  # fmt: skip


class ReplaceForm(FlaskForm):
    name = TextAreaField(
        _l("Name as it should be"),
        [needed(_l("Write the name as it should appear on the certificate.")), at_most(200)],
        render_kw={"rows": 2},
    )  # fmt: skip
    detail = StringField(_l("Line below the name"), [at_most(300)])
    reason = StringField(
        _l("Reason"), [needed(_l("Write the reason. It is shown on the verification page.")), at_most(REASON_MAX)]
    )


class RevokeForm(FlaskForm):
    reason = StringField(
        _l("Reason"),
        [needed(_l("Write the reason. It is shown on the verification page.")), at_most(REASON_MAX)],
        id="revoke-reason",  # beside the form that replaces, on one page
    )


class CompromisedForm(FlaskForm):
    """That a key was stolen. `kid` gets its choices from the view."""

    kid = SelectField(_l("Stolen key"), validate_choice=False)
    since = DayField(
        _l("Stolen or leaked since"), [needed(_l("Choose the day."))],
        description=_l("The day from which somebody else may have had it. When in doubt, an earlier one."),
    )  # fmt: skip
    sure = BooleanField(_l("I know that this cannot be taken back"), [needed(_l("Tick this box when you are sure."))])


class SealForm(FlaskForm):
    file = FileField(
        _l("File of the seal"),
        [FileRequired(_l("Choose the file first."))],
        description=_l(
            "PKCS#12 (.p12, .pfx), or PEM with key and certificates; ECDSA P-256 or RSA. It is kept encrypted."
        ),
        render_kw={"accept": ".p12,.pfx,.pem"},
    )
    password = PasswordField(_l("Password of the file"), description=_l("Leave it empty when the file has none."))
