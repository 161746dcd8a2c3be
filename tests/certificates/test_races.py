"""Many at once, on real databases: one certificate a person, numbers without gap or double."""

import threading

import pytest
from sqlalchemy import select

from halal.certificates import work
from halal.certificates.models import Certificate, CertificateKind, NumberSeries
from halal.certificates.services import issuing, signing
from halal.errors import Conflict
from halal.events.models import Event
from halal.extensions import db
from tests.certificates import hall
from tests.conftest import make_app
from tests.factories import Make

pytestmark = pytest.mark.once
THREADS = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def own_app(request, new_database, tmp_path):
    """An application with a database of its own: what threads commit is not rolled back."""
    app = make_app(
        tmp_path, new_database(request.param), SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 20, "max_overflow": 40}
    )
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def at_once(app, function, count=THREADS):
    """Run function(number) in many threads that start together; what each returned or raised."""
    found, begin = [None] * count, threading.Barrier(count)

    def run(number):
        begin.wait()
        with app.app_context():
            try:
                found[number] = function(number)
            except Exception as error:
                found[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_fifty_parallel_issues_give_one_certificate_a_person(own_app):
    make = Make(db.session)
    event = hall.past_event(make)
    for n in range(3):
        hall.present(make, event, f"Peserta {n}")
    event_id = event.id
    db.session.commit()  # and nothing after it: an open transaction here would keep the others out

    def issue(_number):
        outcome = work.Outcome()
        work.issue_all(event_id, hall.issue(), None, None, outcome, lambda _left: db.session.commit())
        return outcome.issued

    found = at_once(own_app, issue)
    assert [f for f in found if isinstance(f, Exception)] == []
    assert sum(found) == 3
    assert [c.seq for c in db.session.scalars(select(Certificate).order_by(Certificate.seq))] == [1, 2, 3]


def test_fifty_parallel_stores_of_one_office_give_numbers_without_gap_or_double(own_app):
    make = Make(db.session)
    event = hall.past_event(make)
    people = [hall.present(make, event, f"Peserta {n}") for n in range(THREADS)]
    event_id, ids_, kid = event.id, [person.id for person in people], signing.ensure(event.organization_id).kid
    db.session.commit()

    def store(number):
        for _try in range(500):
            event = db.session.get_one(Event, event_id)
            seq = issuing.next_seq(event.organization_id, 2025)
            draft = issuing.Draft(
                id=ids_[number], seq=seq, number=f"{seq}/2025", position=seq, registration_id=ids_[number],
                snapshot={"subject": f"registration:{ids_[number]}", "code": f"kode{number}", "recipient": "Siti"},
                pdf=b"%PDF", kid=kid, pdf_file=f"certificates/{ids_[number]}.pdf",
            )  # fmt: skip
            db.session.rollback()
            event = db.session.get_one(Event, event_id)
            stored = issuing.store(event, CertificateKind.ATTENDANCE, hall.DAY, [draft], None)
            if stored:
                db.session.commit()
                return seq
            db.session.rollback()
        return None

    found = at_once(own_app, store)
    assert [f for f in found if isinstance(f, Exception)] == []
    assert sorted(found) == list(range(1, THREADS + 1))
    assert db.session.scalar(select(NumberSeries.next_seq)) == THREADS + 1


def test_the_first_number_chosen_while_others_issue_leaves_no_gap_and_no_double(own_app):
    make = Make(db.session)
    event = hall.past_event(make)
    for n in range(4):
        hall.present(make, event, f"Peserta {n}")
    event_id = event.id
    db.session.commit()

    def issue_or_choose(number):
        if number % 2:
            issuing.begin_at(db.session.get_one(Event, event_id), 2025, 100 * number)
            db.session.commit()
        else:
            work.issue_all(event_id, hall.issue(), None, None, work.Outcome(), lambda _left: db.session.commit())

    found = at_once(own_app, issue_or_choose, 10)
    assert {type(f) for f in found} <= {type(None), Conflict}
    seqs = [c.seq for c in db.session.scalars(select(Certificate).order_by(Certificate.seq))]
    assert seqs == list(range(seqs[0], seqs[0] + 4))
    assert db.session.scalar(select(NumberSeries.next_seq)) == seqs[-1] + 1
