"""The shape of what people type about accounts."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Length

from halal.accounts.models import Role

ROLE_LABELS = {
    Role.OWNER: _l("Owner: everything, also the office and the team"),
    Role.ORGANIZER: _l("Organizer: programs, events, attendees, certificates, news"),
    Role.CHECKIN_OFFICER: _l("Check-in officer: only the check-in screen"),
    Role.VIEWER: _l("Viewer: reads everything, changes nothing"),
}


class LoginForm(FlaskForm):
    email = EmailField(
        _l("E-mail"), [InputRequired(_l("Write your e-mail.")), Length(max=254)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Write your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):
    current = PasswordField(
        _l("Current password"),
        [InputRequired(_l("Write your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a new password.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )


class InviteForm(FlaskForm):
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Write an e-mail.")), Length(max=254), Email(_l("This is not an e-mail address."))],
    )
    role = SelectField(
        _l("Role"),
        [InputRequired()],
        choices=[SelectChoice(role.value, label) for role, label in ROLE_LABELS.items()],
        default=Role.ORGANIZER.value,
    )


class NewPasswordForm(FlaskForm):
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a password.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )


class JoinForm(FlaskForm):
    name = StringField(
        _l("Full name"), [InputRequired(_l("Write your name.")), Length(max=150)], render_kw={"autocomplete": "name"}
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Write a password.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )


class ForgottenForm(FlaskForm):
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Write your e-mail.")), Length(max=254), Email(_l("This is not an e-mail address."))],
        render_kw={"autocomplete": "username"},
    )
