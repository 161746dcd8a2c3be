"""Two who edit the same at once: the second is told, keeps what was typed, and may save again. Every form."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import tinyhtml5
from sqlalchemy import delete
from sqlalchemy.orm import Session

from halal.certificates.models import Award, CertificateKind
from halal.certificates.services import designs
from halal.errors import NotFound
from halal.extensions import db as database
from halal.meanwhile import ChangedMeanwhile, hold, is_old, mark
from halal.organizations.models import Signatory
from halal.programs import services as programs
from halal.programs.details import ProgramDetails
from halal.programs.models import Program
from tests.factories import Make
from tests.test_access import address, ask, rules
from tests.world import World

HTML = "{http://www.w3.org/1999/xhtml}"
HTMX = {"HX-Request": "true"}


def values(form):
    """What a browser would send of this form, untouched."""
    for field in form.iter():
        name, kind = field.get("name"), field.get("type", "text")
        if not name or kind in {"submit", "button", "file"}:
            continue
        if field.tag == f"{HTML}input":
            if kind not in {"checkbox", "radio"} or field.get("checked") is not None:
                yield name, field.get("value", "on" if kind == "checkbox" else "")
        elif field.tag == f"{HTML}textarea":
            yield name, "".join(field.itertext())
        elif field.tag == f"{HTML}select":
            options = list(field.iter(f"{HTML}option"))
            for option in [o for o in options if o.get("selected") is not None] or options[:1]:
                yield name, option.get("value", "")


def form_with(text, ending):
    """The form of a page that has the field whose name ends like this: (action, that name, values)."""
    for form in tinyhtml5.parse(text).iter(f"{HTML}form"):
        sent = {}
        for name, value in values(form):
            sent.setdefault(name, []).append(value)
        for name in sent:
            if name.endswith(ending):
                return form.get("action"), name, sent
    raise AssertionError(f"no form with {ending}")


@pytest.fixture
def world(make):
    world = World(make)
    world.award.recipient_kind, world.award.citation = "institution", "atas kesungguhannya"
    return world


@pytest.fixture
def client(log_in, world, db):
    client = log_in("owner", world.organization)
    db.session.add(Signatory(organization_id=world.organization.id, name="Hj. Ratu Ayu", title="Kepala Dinas"))
    db.session.commit()
    return client


EDITORS = {
    "events.edit": "title",
    "programs.edit": "title",
    "news.edit": "title",
    "registrations.edit": "-name",
    "portal.ticket_edit": "name",
    "certificates.edit_award": "recipient",
    "certificates.design": "lead",
    "organizations.settings identity": "short_name",
    "organizations.settings numbering": "number_pattern",
    "organizations.settings signatories": "signatories-0-title",
}
UNCOMPARED = {"certificates.design", "organizations.settings signatories"}  # earlier versions are kept; rows
TYPED = {"number_pattern": ("{seq}/ANI/{year}", "{seq}/BUDI/{year}")}


def page_of(app, world, endpoint):
    rule = next(rule for name, method, rule, _who in rules(app) if name == endpoint and method == "GET")
    return address(app, world, rule)


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("headers", [None, HTMX], ids=["a page", "a part of it"])
def test_the_second_of_two_is_told_keeps_what_was_typed_and_may_save_again(app, client, world, editor, headers):
    path, field = page_of(app, world, editor.split()[0]), EDITORS[editor]
    first, second = TYPED.get(field, ("Dari Ani", "Dari Budi"))

    def stored():
        return form_with(client.get(path).text, field)

    action, name, opened = stored()
    action = (action or path).partition("#")[0]
    assert client.post(action, data={**opened, name: first}).status_code in {200, 303}
    if editor == "certificates.design":
        headers = None  # htmx asks for its preview alone
    told = client.post(action, data={**opened, name: second}, headers=headers)
    assert told.status_code == 409
    assert "Orang lain menyimpan perubahan" in told.text
    assert (f"Tersimpan sekarang: {first}" in told.text) == (editor not in UNCOMPARED)
    assert stored()[2][name] == [first]
    _action, _name, again = form_with(told.text, field)
    assert again[name] == [second]
    assert client.post(action, data=again).status_code in {200, 303}
    assert stored()[2][name] == [second]


@pytest.mark.parametrize("editor", EDITORS)
def test_who_sends_the_same_form_twice_is_not_told_of_a_stranger(app, client, world, editor):
    path, field = page_of(app, world, editor.split()[0]), EDITORS[editor]
    action, name, opened = form_with(client.get(path).text, field)
    action, typed = (action or path).partition("#")[0], TYPED.get(field, ("Dari Ani",))[0]
    for _time in range(2):
        assert client.post(action, data={**opened, name: typed}).status_code in {200, 303}
    assert form_with(client.get(path).text, field)[2][name] == [typed]


def test_a_new_row_that_is_sent_twice_is_one_row(app, client, world):
    path = page_of(app, world, "events.edit")
    _action, _name, opened = form_with(client.get(path).text, "people-0-name")
    for _time in range(2):
        assert client.post(path, data={**opened, "people-0-name": "Hj. Ratu Ayu"}).status_code == 303
    assert [person.name for person in world.event.people] == ["Hj. Ratu Ayu"]


@pytest.mark.once
def test_every_page_that_edits_what_exists_bears_the_mark(app, client, world):
    """A page whose form comes filled in with a name, a title or a text of what is stored."""
    unmarked = set()
    for endpoint, method, rule, _who in rules(app):
        if method != "GET" or (not rule.rule.endswith(("/ubah", "_id>")) and "kantor" not in rule.rule):
            continue
        answer = ask(client, method, address(app, world, rule))
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        for form in tinyhtml5.parse(answer.text).iter(f"{HTML}form"):
            sent = dict(values(form))
            filled = [n for n, v in sent.items() if v and n.rpartition("-")[2] in {"name", "title", "number_pattern"}]
            if form.get("method") == "post" and filled and not any(n.endswith("seen") for n in sent):
                unmarked.add((endpoint, *filled))
    assert unmarked == set()


def test_what_is_stored_meanwhile_is_said_as_people_write_it(app, client, world):
    path = page_of(app, world, "programs.edit")
    _action, _name, opened = form_with(client.get(path).text, "title")
    theirs = {"target": "1.000", "deadline": "2026-10-17", "partners": "Bank Kalsel\nBank Indonesia"}
    client.post(path, data={**opened, **theirs, "deadline_note": "PP 42/2024"})
    told = client.post(path, data={**opened, "description": "x" * 300}).text
    for said in ("1.000", "17 Oktober 2026", "Bank Kalsel; Bank Indonesia", "PP 42/2024", "kosong"):
        assert f"Tersimpan sekarang: {said}" in told
    path = page_of(app, world, "registrations.edit")
    _action, name, opened = form_with(client.get(path).text, "-phone")
    client.post(path, data={**opened, name: "0812 3456 7890"})
    assert "Tersimpan sekarang: 0812-3456-7890" in client.post(path, data={**opened, name: "0812 9999 0000"}).text


def test_a_colleagues_signatory_is_not_removed_by_an_old_page(client, db, world):
    _action, _name, opened = form_with(client.get("/kelola/kantor").text, "signatories-0-title")
    db.session.add(Signatory(organization_id=world.organization.id, name="H. Asep", title="Sekretaris", position=1))
    db.session.commit()
    assert client.post("/kelola/kantor", data=opened).status_code == 409
    db.session.expire_all()
    assert [s.name for s in world.organization.signatories] == ["Hj. Ratu Ayu", "H. Asep"]


def test_of_two_who_save_in_the_same_moment_one_is_told(busy_app):
    with busy_app.app_context(), Session(database.engine) as session:
        program_id = Make(session).program(title="Awal").id
        session.commit()
    start = Barrier(2)

    def save(title):
        with busy_app.app_context():
            program = database.session.get(Program, program_id)
            seen = mark(programs.shown(program))
            database.session.rollback()
            start.wait()
            try:
                programs.change_program(database.session.get(Program, program_id), ProgramDetails(title), seen=seen)
                database.session.commit()
            except ChangedMeanwhile:
                return "told"
            return title

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(save, ["Dari Ani", "Dari Budi"]))
    assert results.count("told") == 1
    with busy_app.app_context():
        assert database.session.get(Program, program_id).title in results


def test_an_award_that_a_colleague_removed_meanwhile_is_gone(make, db):
    award = make.add(Award(event_id=make.event().id, recipient="Dapur Bu Siti", position=0))
    db.session.execute(delete(Award).where(Award.id == award.id).execution_options(synchronize_session=False))
    with pytest.raises(NotFound):
        hold(award)


def test_two_who_save_a_design_in_the_same_moment_are_told(make, db, monkeypatch):
    office, kind = make.organization(), CertificateKind.ATTENDANCE
    before = designs.current(office, kind)
    designs.save(office, kind, designs.Look(lead="Dari Ani"))
    monkeypatch.setattr(designs, "current", lambda *_args: before)
    with pytest.raises(ChangedMeanwhile):
        designs.save(office, kind, designs.Look(lead="Dari Budi"), seen=str(before.version))


def test_marks_differ_with_every_value_and_only_with_it(make, db):
    event = make.event()
    db.session.flush()
    told = event.starts_at.astimezone()  # the same moment on another clock
    assert mark({"at": told}) == mark({"at": event.starts_at}) != mark({"at": None})
    assert len({mark({"name": value}) for value in ("a", "b", "", None, ["a"], 1)}) == 6
    assert is_old(mark({"name": "a"}), mark({"name": "b"}))
    assert not is_old("", mark({"name": "b"}))
