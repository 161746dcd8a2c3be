"""The trail: who changed what, in words, for the owner of the office."""

import ast
import re
from datetime import UTC, datetime

import pytest

from halal.audit import words
from halal.audit.models import AuditEntry
from halal.audit.services import record
from halal.config import ROOT

WRITERS = {"record", "_record", "_recorded", "_audit", "note"}


@pytest.fixture
def owner(log_in):
    return log_in("owner")


def rows(page):
    return re.findall(r'<th scope="row">([^<]+)</th>', page)


def test_changes_are_told_in_words_with_what_and_who(owner, make):
    event = make.event(owner.organization, title="Sosialisasi Serang")
    registration = make.registration(event, name="Siti")
    office = owner.organization.id
    record("event.published", organization_id=office, user_id=owner.user.id, subject=f"event:{event.id}")
    record("registration.cancelled", organization_id=office, subject=f"registration:{registration.id}")
    record("import.taken", organization_id=office, subject="import:1", rows=28)
    page = owner.get("/kelola/jejak").text
    for words_ in ("Kegiatan diterbitkan", "Sosialisasi Serang", owner.user.name, "Pendaftaran dibatalkan", "Siti",
                   "Lembar kerja diimpor, 28 baris", "Situs publik atau sistem"):  # fmt: skip
        assert words_ in page


def test_the_latest_change_stands_first_and_pages_follow(owner, make):
    for number in range(51):
        make.add(AuditEntry(organization_id=owner.organization.id, action="event.changed", subject="event:0",
                            at=datetime(2025, 1, 1, 0, number, tzinfo=UTC)))  # fmt: skip
    make.add(
        AuditEntry(
            organization_id=owner.organization.id,
            action="program.created",
            subject="",
            at=datetime(2025, 2, 1, tzinfo=UTC),
        )
    )
    first = owner.get("/kelola/jejak").text
    assert rows(first)[0] == "Program dibuat"
    assert len(rows(first)) == 50
    assert len(rows(owner.get("/kelola/jejak?page=2").text)) == 2


def test_the_trail_is_filtered_by_area_person_and_day_of_the_offices_zone(owner, make):
    office = owner.organization.id  # WIB: 17.30 UTC is half past midnight on the next day
    make.add(AuditEntry(organization_id=office, action="certificates.issued", user_id=owner.user.id,
                        detail={"count": 3}, at=datetime(2025, 5, 14, 17, 30, tzinfo=UTC)))  # fmt: skip
    make.add(AuditEntry(organization_id=office, action="event.changed", at=datetime(2025, 5, 14, 16, 30, tzinfo=UTC)))
    issued, changed = "Sertifikat diterbitkan: 3", "Kegiatan diubah"
    assert rows(owner.get("/kelola/jejak?area=certificate").text) == [issued]
    assert rows(owner.get("/kelola/jejak?area=event").text) == [changed]
    assert rows(owner.get(f"/kelola/jejak?user={owner.user.id}").text) == [issued]
    assert rows(owner.get("/kelola/jejak?from=2025-05-15&to=2025-05-15").text) == [issued]
    assert rows(owner.get("/kelola/jejak?to=2025-05-14").text) == [changed]
    assert "Tidak ditemukan" in owner.get("/kelola/jejak?area=program").text


@pytest.mark.parametrize(
    "query",
    ["area=entah", "user=x", "user=99999999999999999999", "from=kemarin", "to=9999-12-31", "from=0001-01-01", "page=x"],
)
def test_what_cannot_be_read_filters_nothing(owner, make, query):
    record("event.changed", organization_id=owner.organization.id)
    assert rows(owner.get(f"/kelola/jejak?{query}").text) == ["Kegiatan diubah"]


def test_another_offices_trail_is_not_shown(owner, make):
    record("event.changed", organization_id=make.organization().id)
    assert rows(owner.get("/kelola/jejak").text) == []


@pytest.mark.parametrize("role", ["organizer", "checkin_officer", "viewer"])
def test_only_owners_see_the_trail(log_in, role):
    assert log_in(role).get("/kelola/jejak").status_code == 403


def test_every_recorded_action_has_a_sentence_and_an_area():
    recorded = set()
    for path in (ROOT / "halal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in WRITERS and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(node.args[0].value)):
                    recorded.add(node.args[0].value)
    assert recorded - set(words.SENTENCES) == set()
    assert {action.partition(".")[0].rstrip("s") for action in recorded} <= set(words.AREAS)
