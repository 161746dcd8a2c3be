"""A number in a message goes with a singular where it may be one."""

import re

import pytest

from tests.test_translations import messages_in_use

pytestmark = pytest.mark.once


def test_a_counted_thing_is_singular_where_there_is_one():
    """ "1 certificates": a plural noun after a number stands in a message that has a singular too."""
    counted = re.compile(
        r"(?<!More than )%\((?:count|num|issued)\)s (?:\w+ )?(?!is\b|this\b)[a-z-]+(?<!s)s\b(?! (?:fit|digits))"
    )
    known_to_be_many = {"characters", "digits"}  # a limit, which is never one
    wrong = {
        message: place
        for message, place in messages_in_use(singular_only=True).items()
        if (found := counted.search(message)) and found[0].split()[-1] not in known_to_be_many
    }
    assert wrong == {}
