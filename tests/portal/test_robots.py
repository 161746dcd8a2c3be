"""Programs that register, and halls full of people behind one address."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from halal import clock
from halal.limits import Limit
from halal.portal import robots
from halal.registrations.forms import PublicForm
from halal.registrations.models import Registration
from tests.portal.test_registration import GOOD, address, registered, words


@pytest.fixture(autouse=True)
def counted(app, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)


def fetch(client, event, **typed):
    """What a browser sends that has fetched the form."""
    page = client.get(address(event)).text
    hidden = re.findall(r'name="(submission_id|stamp|consent_version)"[^>]*value="([^"]*)"', page)
    assert len(hidden) == 3
    return {**GOOD, **dict(hidden), **typed}


def send(client, event, form):
    return client.post(address(event), data=form)


def test_form_sent_at_once_is_asked_for_again_and_taken_then(db, client, make):
    event = make.event()
    form = fetch(client, event)
    quick = send(client, event, form)
    assert quick.status_code == 422
    assert "terlalu cepat" in words(quick)
    assert 'value="Siti Aminah"' in quick.text
    with clock.stopped_at(clock.now() + timedelta(seconds=4)):
        assert send(client, event, form).status_code == 303
    assert len(registered(db, event)) == 1


@pytest.mark.parametrize("change", [{"stamp": ""}, {"stamp": "tidak.ada.apa"}, {"submission_id": "nomor-lain"}])
def test_form_that_was_not_fetched_registers_nobody_and_brings_a_stamp(db, client, make, change):
    event = make.event()
    form = {**fetch(client, event), **change}
    with clock.stopped_at(clock.now() + timedelta(seconds=4)):
        answer = send(client, event, form)
        assert answer.status_code == 422
        assert registered(db, event) == []
        stamp = re.search(r'name="stamp"[^>]*value="([^"]+)"', answer.text).group(1)
    with clock.stopped_at(clock.now() + timedelta(seconds=8)):
        assert send(client, event, {**form, "stamp": stamp}).status_code == 303


def test_stamp_of_one_event_opens_no_other(db, client, make):
    event, other = make.event(), make.event()
    form = fetch(client, event)
    with clock.stopped_at(clock.now() + timedelta(seconds=4)):
        assert send(client, other, form).status_code == 422


def test_form_registers_a_family_and_then_needs_a_new_stamp(db, client, make):
    event = make.event()
    form = fetch(client, event)
    with clock.stopped_at(clock.now() + timedelta(seconds=4)):
        people = [{**form, "name": f"Anak {letter}", "phone": ""} for letter in "ABCDEFGH"]
        answers = [send(client, event, person) for person in people]
    assert [answer.status_code for answer in answers] == [303] * 6 + [422] * 2
    assert len(registered(db, event)) == 6
    assert 'value="Anak H"' in answers[-1].text
    assert form["submission_id"] not in answers[-1].text


def test_clock_set_back_while_a_form_is_open_is_no_matter(db, client, make):
    event = make.event()
    form = fetch(client, event)
    with clock.stopped_at(clock.now() - timedelta(hours=1)):
        assert send(client, event, form).status_code == 303


def test_hall_of_three_hundred_behind_one_address_registers(app, db, make):
    event = make.event()
    with clock.stopped_at(clock.now()), app.test_request_context(address(event)):  # all in one moment
        for _ in range(300):
            robots.count(event, PublicForm(event))


def test_who_registers_without_end_gets_429_with_all_that_was_typed(db, client, make, monkeypatch):
    monkeypatch.setattr(robots, "OF_AN_EVENT_AND_ADDRESS", Limit(2, timedelta(hours=1)))
    event = make.event()
    answers = []
    for number in range(3):
        form = fetch(client, event, name=f"Orang {'ABC'[number]}", phone=f"0812345678{number}0")
        with clock.stopped_at(clock.now() + timedelta(seconds=4)):
            answers.append(send(client, event, form))
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 1000
    assert 'value="Orang C"' in answers[-1].text
    assert "Coba lagi dalam" in words(answers[-1])
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 2


def test_forms_with_mistakes_count_nothing(db, client, make, monkeypatch):
    monkeypatch.setattr(robots, "OF_AN_EVENT_AND_ADDRESS", Limit(1, timedelta(hours=1)))
    event = make.event()
    form = fetch(client, event)
    with clock.stopped_at(clock.now() + timedelta(seconds=4)):
        assert [send(client, event, {**form, "name": ""}).status_code for _ in range(5)] == [422] * 5
        assert send(client, event, form).status_code == 303
