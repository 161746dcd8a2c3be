"""Many people at once, each on a connection of their own: nothing is given away twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from halal.events.models import Event
from halal.extensions import db as database
from halal.registrations import services
from halal.registrations.errors import AlreadyRegistered, EventFull
from halal.registrations.models import Registration, RegistrationStatus, Source
from halal.registrations.services import Details
from tests.factories import Make

PEOPLE = 12


@pytest.fixture
def new_event(busy_app):
    """new_event(capacity=…): the id of a committed event."""

    def new_event(**values):
        with busy_app.app_context(), Session(database.engine) as session:
            event = Make(session).event(**values)
            session.commit()
            return event.id

    return new_event


def at_once(app, act, times=PEOPLE):
    """act(n) for n in range(times), all at the same moment, each committed; the results or the errors."""
    start = Barrier(times)

    def one(n):
        with app.app_context():
            start.wait()
            try:
                result = act(n)
                database.session.commit()
            except (EventFull, AlreadyRegistered) as error:
                database.session.rollback()
                return type(error)
            return result

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def registering(event_id, **options):
    def act(n):
        event = database.session.get(Event, event_id)
        details = services.clean(Details(name=f"Peserta {chr(97 + n)}"), event)
        return services.register(event, details, source=Source.PUBLIC, **options).status

    return act


def by_status(app, event_id):
    with app.app_context():
        rows = database.session.execute(
            select(Registration.status, func.count())
            .where(Registration.event_id == event_id)
            .group_by(Registration.status)
        )
        return dict(rows.all())


def test_the_last_three_places_go_to_three_of_twelve_and_the_others_wait(busy_app, new_event):
    event_id = new_event(capacity=3)
    at_once(busy_app, registering(event_id))
    assert by_status(busy_app, event_id) == {RegistrationStatus.CONFIRMED: 3, RegistrationStatus.WAITING: 9}


def test_the_last_three_places_go_to_three_of_twelve_and_the_others_are_refused(busy_app, new_event):
    event_id = new_event(capacity=3, waiting_list=False)
    results = at_once(busy_app, registering(event_id))
    assert results.count(EventFull) == 9
    assert by_status(busy_app, event_id) == {RegistrationStatus.CONFIRMED: 3}


def test_places_given_back_at_once_go_to_as_many_who_wait(busy_app, new_event):
    event_id = new_event(capacity=6)
    at_once(busy_app, registering(event_id))
    with busy_app.app_context():
        places = select(Registration.id).where(Registration.status == RegistrationStatus.CONFIRMED)
        ids = database.session.scalars(places).all()
        database.session.rollback()
    at_once(busy_app, lambda n: services.cancel(database.session.get(Registration, ids[n])), times=4)
    assert by_status(busy_app, event_id) == {"confirmed": 6, "waiting": 2, "cancelled": 4}


@pytest.mark.parametrize("locked", [False, True], ids=["with the lock", "by the constraint alone"])
def test_one_form_sent_many_times_at_once_is_one_registration(busy_app, new_event, locked):
    event_id = new_event()

    def act(_n):
        event = database.session.get(Event, event_id)
        details = services.clean(Details(name="Siti Aminah", phone="081234567890"), event)
        return services.register(event, details, source=Source.PUBLIC, submission_id="sama", locked=locked).id

    assert len(set(at_once(busy_app, act))) == 1
    assert by_status(busy_app, event_id) == {"confirmed": 1}


@pytest.mark.parametrize("locked", [False, True], ids=["with the lock", "by the constraint alone"])
def test_one_person_on_many_phones_at_once_is_one_registration(busy_app, new_event, locked):
    event_id = new_event()

    def act(n):
        event = database.session.get(Event, event_id)
        details = services.clean(Details(name="Siti Aminah", phone="081234567890"), event)
        services.register(event, details, source=Source.PUBLIC, submission_id=str(n), locked=locked)

    assert at_once(busy_app, act).count(AlreadyRegistered) == PEOPLE - 1
    assert by_status(busy_app, event_id) == {"confirmed": 1}


def test_twelve_phones_at_once_get_three_places(busy_app, new_event):
    event_id = new_event(capacity=3)
    with busy_app.app_context():
        slug = database.session.get(Event, event_id).slug
        database.session.rollback()
    start = Barrier(PEOPLE)

    def tap(n):
        form = {"name": f"Peserta {chr(97 + n)}", "region_code": "36.73", "consent": "y", "submission_id": f"form-{n}"}
        start.wait()
        answers = [busy_app.test_client().post(f"/kegiatan/{slug}/daftar", data=form) for _double in range(2)]
        assert answers[0].headers.get("Location") == answers[1].headers.get("Location")
        return answers[0].status_code

    with ThreadPoolExecutor(PEOPLE) as pool:
        statuses = list(pool.map(tap, range(PEOPLE)))
    assert sorted(statuses) == [303] * 3 + [422] * 9
    assert by_status(busy_app, event_id) == {"confirmed": 3}
