"""The buttons of the board, and the name of a tablet."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import UUID, InputRequired, Length, NumberRange, Optional

from halal.checkin.models import QuarantineReason
from halal.text import clean_line


class PairForm(FlaskForm):
    name = StringField(_l("Name of this tablet"), filters=[clean_line], validators=[Length(max=80)])


class UndoForm(FlaskForm):
    session_id = IntegerField(validators=[InputRequired()])
    registration_id = HiddenField(validators=[InputRequired(), UUID()])


class MergeForm(FlaskForm):
    walk_in_id = HiddenField(validators=[InputRequired(), UUID()])
    into = HiddenField(validators=[InputRequired(), UUID()])


class ScanForm(FlaskForm):
    op_id = HiddenField(validators=[InputRequired(), UUID()])


class QuarantineForm(FlaskForm):
    row_id = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
    session_id = IntegerField(validators=[Optional()])


class PileForm(FlaskForm):
    reason = SelectField(choices=[reason.value for reason in QuarantineReason])
    session_id = IntegerField(validators=[Optional()])
