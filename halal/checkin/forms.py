"""The buttons of the board."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import UUID, InputRequired


class UndoForm(FlaskForm):
    session_id = IntegerField(validators=[InputRequired()])
    registration_id = HiddenField(validators=[InputRequired(), UUID()])


class MergeForm(FlaskForm):
    walk_in_id = HiddenField(validators=[InputRequired(), UUID()])
    into = HiddenField(validators=[InputRequired(), UUID()])


class ScanForm(FlaskForm):
    op_id = HiddenField(validators=[InputRequired(), UUID()])
