"""What forms say by themselves is said in Bahasa Indonesia."""

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Email, InputRequired, Length


class Everything(FlaskForm):
    text = StringField(validators=[Length(max=5)])
    needed = StringField(validators=[InputRequired()])
    mail = StringField(validators=[Email()])
    number = IntegerField()
    one = SelectField(choices=["a"])
    some = SelectMultipleField(choices=["a"])
    numbers = SelectMultipleField(choices=[1], coerce=int)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "enam huruf"}, "Paling banyak 5 karakter."),
        ({"some": ["x"]}, "“x” tidak ada di daftar pilihan."),
        ({"numbers": ["x"]}, "Pilihan tidak dikenal."),
    ],
)
def test_a_form_speaks_indonesian_of_one_and_of_many(app, sent, said):
    with app.test_request_context(headers={"Accept-Language": "id"}):
        form = Everything(MultiDict(sent))
        assert not form.validate()
        (field,) = sent
        assert form.errors[field] == [said]


def test_several_that_are_not_on_offer_are_named_together(app):
    with app.test_request_context(headers={"Accept-Language": "id"}):
        form = Everything(MultiDict({"some": ["x", "y"]}))
        assert not form.validate()
        (sentence,) = form.errors["some"]
        assert sentence.startswith("Tidak ada di daftar pilihan: ")
