"""One person, two offices, two tabs: what is sent from a tab concerns the office that the tab shows."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from halal.accounts.models import Membership, Role
from halal.extensions import db as database
from halal.organizations.models import Organization
from tests.test_access import LET_IN, NONE_YET, address, ask, rules
from tests.world import World


def rows_of(organization_id: int) -> dict[str, set]:
    """Everything that an office has, and says of itself; without the trail of who looked at what."""
    database.session.expire_all()
    found = {}
    for table in database.metadata.sorted_tables:
        key = table.c.id if table.name == "organizations" else table.c.get("organization_id")
        if key is not None:
            found[table.name] = {
                str(row) for row in database.session.execute(select(table).where(key == organization_id))
            }
    return found


@pytest.fixture
def both(make, log_in, db):
    """A client in the second of two offices, whose first office another tab still shows."""

    def build():
        first, second = World(make), World(make)
        client = log_in("owner", second.organization)
        make.add(Membership(user_id=client.user.id, organization_id=first.organization.id, role=Role.OWNER))
        with client.session_transaction() as session:
            session["organization_id"] = second.organization.id
        db.session.commit()
        return client, first, second

    return build


def posts(app):
    """(endpoint, rule) of every form that acts for an office: one's own account is of none."""
    return [
        (endpoint, rule)
        for endpoint, method, rule, who in rules(app)
        if method == "POST" and who not in ("public", "device") and app.view_functions[endpoint].of_office
    ]


def test_every_form_acts_in_the_office_that_it_names_and_never_in_the_other(app, both):
    wrong, found = {}, posts(app)
    assert len(found) > 50
    for endpoint, rule in found:
        client, first, second = both()
        before = rows_of(second.organization.id)
        answer = client.post(
            address(app, first, rule), data={"office": first.organization.id}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        if answer.status_code not in LET_IN and not (endpoint in NONE_YET and answer.status_code == 404):
            wrong[endpoint] = answer.status_code
        elif rows_of(second.organization.id) != before:
            wrong[endpoint] = "changed the other office"
    assert wrong == {}


def test_a_form_that_names_no_office_asks_whoever_has_several(app, both):
    wrong = {}
    client, first, second = both()
    before = rows_of(first.organization.id), rows_of(second.organization.id)
    for endpoint, rule in posts(app):
        if {"slug", "program_id"} & rule.arguments or endpoint.startswith("checkin."):
            continue  # the address says whose event or program it is
        answer = client.post(
            address(app, second, rule), data={"name": "Ketikan saya"}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        kept = 'name="name" value="Ketikan saya"' in answer.text
        if answer.status_code != 409 or not kept or before != (
            rows_of(first.organization.id), rows_of(second.organization.id)
        ):  # fmt: skip
            wrong[endpoint] = answer.status_code, kept
    assert wrong == {}


def test_every_form_of_the_desk_carries_its_office(app, both):
    client, _first, second = both()
    without, seen = set(), 0
    for _endpoint, method, rule, who in rules(app):
        if method != "GET" or who in ("public", "device"):
            continue
        page = ask(client, "GET", address(app, second, rule))
        if page.mimetype != "text/html":
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.S):
            seen += 1
            action = re.search(r'action="([^"]*)"', form.split(">")[0])
            if (
                not (action and action[1] in ("/bahasa", "/keluar"))
                and f'name="office" value="{second.organization.id}"' not in form
            ):
                without.add((str(rule), action and action[1]))
    assert seen > 100
    assert without == set()


def fields_of(page: str, action: str) -> dict:
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}' in f)
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', form)}


def test_an_invitation_from_the_older_tab_is_to_the_office_of_that_tab(both, db):
    client, first, second = both()
    client.post("/kelola/pilih-kantor", data={"organization_id": first.organization.id})
    older_tab = client.get("/kelola/tim").text
    client.post("/kelola/pilih-kantor", data={"organization_id": second.organization.id})
    fields = {**fields_of(older_tab, "/kelola/tim/undang"), "email": "baru@contoh.id", "role": "owner"}
    answer = client.post("/kelola/tim/undang", data=fields, follow_redirects=True)
    assert first.organization.name in answer.text
    from halal.accounts.models import Invitation

    invited = db.session.scalars(select(Invitation.organization_id).where(Invitation.email == "baru@contoh.id")).all()
    assert invited == [first.organization.id]


def test_whoever_left_an_office_changes_nothing_from_its_old_tab(both, db):
    client, first, second = both()
    db.session.delete(db.session.scalar(
        select(Membership).where(Membership.user_id == client.user.id,
                                 Membership.organization_id == first.organization.id)
    ))  # fmt: skip
    db.session.commit()
    before = rows_of(second.organization.id)
    answer = client.post("/kelola/kantor", data={"office": first.organization.id, "remove_logo": "y"})
    assert answer.status_code == 403
    assert "milik kantor lain" in answer.text
    assert rows_of(second.organization.id) == before


def test_the_page_of_an_event_opens_in_its_office_and_says_so(both, db):
    client, first, second = both()
    page = client.get(f"/kelola/kegiatan/{first.event.slug}")
    assert page.status_code == 200
    assert f"Anda kini bekerja untuk {first.organization.name}" in page.text
    assert client.get("/kelola/kantor").text.count(first.organization.name)
    polled = client.get(f"/kelola/kegiatan/{second.event.slug}/kehadiran", headers={"HX-Request": "true"})
    assert polled.status_code == 200  # a page that asks for itself does not move the other tabs
    assert db.session.get(Organization, first.organization.id).name in client.get("/kelola/kantor").text


def test_a_role_counts_in_the_office_that_the_form_names(both, db):
    client, first, _second = both()
    membership = db.session.scalar(
        select(Membership).where(Membership.user_id == client.user.id,
                                 Membership.organization_id == first.organization.id)
    )  # fmt: skip
    membership.role = Role.VIEWER
    db.session.commit()
    answer = client.post("/kelola/kantor", data={"office": first.organization.id, "remove_logo": "y"})
    assert answer.status_code == 403


def test_the_door_of_an_event_stays_open_when_another_tab_changes_the_office(both):
    client, first, _second = both()
    state = client.get(f"/checkin/api/v1/state?event={first.event.slug}")
    assert state.status_code == 200
    roster = client.get(f"/checkin/api/v1/roster?event={first.event.slug}", headers={"Sec-Fetch-Site": "same-origin"})
    assert roster.status_code == 200
