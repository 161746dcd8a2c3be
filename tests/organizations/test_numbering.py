"""Patterns of certificate numbers."""

from datetime import date

import pytest

from halal.errors import DomainError
from halal.organizations.models import DEFAULT_NUMBER_PATTERN
from halal.organizations.numbering import check_pattern, render_number

MAY = date(2025, 5, 15)


@pytest.mark.parametrize(
    ("pattern", "seq", "number"),
    [
        ("500/{seq:03}/BPTSI/{month:roman}/{year}", 7, "500/007/BPTSI/V/2025"),
        ("{seq}.{month:02}.{year}", 12, "12.05.2025"),
        ("{seq:03}/{year}", 12345, "12345/2025"),
        ("B-{year}/{seq:06}", 1, "B-2025/000001"),
    ],
)
def test_a_pattern_gives_the_office_s_own_number(pattern, seq, number):
    assert render_number(check_pattern(pattern), seq, MAY) == number


def test_the_default_pattern_is_a_good_one():
    assert render_number(check_pattern(DEFAULT_NUMBER_PATTERN), 1, date(2025, 12, 1)) == "001/SERT/XII/2025"


@pytest.mark.parametrize(
    ("pattern", "part_of_message"),
    [
        ("", "{seq}"),
        ("500/{year}", "{seq}"),
        ("{seq:03}/BPTSI", "{year}"),
        ("{seq}/{years}/{year}", "{years}"),
        ("{seq:99}/{year}", "{seq:99}"),
        ("{seq!r}/{year}", "{seq!r}"),
        ("{seq.__class__}/{year}", "{seq.__class__}"),
        ("{seq}/{year}/{", "{seq}"),
        ("{{seq}}/{year}", "{seq}"),
        ("{seq}/{year}" + "x" * 120, "120"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_the_reason(app, pattern, part_of_message):
    with app.test_request_context(), pytest.raises(DomainError) as refused:
        check_pattern(pattern)
    assert refused.value.field == "number_pattern"
    assert part_of_message in str(refused.value.message)


def test_literal_text_stays_as_typed():
    assert render_number(check_pattern("  50%/{seq}/Dinas  Koperasi & UKM/{year} "), 3, MAY) == (
        "50%/3/Dinas Koperasi & UKM/2025"
    )
