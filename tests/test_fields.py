from datetime import time

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from halal.fields import ClockField


class TimeForm(Form):
    at = ClockField()


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("24.00", time(23, 59)), ("24:00", time(23, 59)), ("24.00 WIB", time(23, 59)), ("08.30", time(8, 30)),
        ("pukul 8.30", time(8, 30)), ("8:30 WITA", time(8, 30)), ("00.00", time(0, 0)), ("", None),
    ],
)  # fmt: skip
def test_clock_field_time_as_offices_write_it_is_read(app, typed, at):
    with app.test_request_context():
        form = TimeForm(MultiDict({"at": typed}))
        assert form.validate()
        assert form.at.data == at


@pytest.mark.parametrize("typed", ["24.01", "25.00", "jam", "8"])
def test_clock_field_what_is_no_time_is_refused(app, typed):
    with app.test_request_context():
        assert not TimeForm(MultiDict({"at": typed})).validate()
