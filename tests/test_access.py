"""Every route, every role, and a stranger from another office: denied unless the route names them."""

import uuid

import pytest

from halal import ids
from halal.accounts.models import PERMISSIONS, Role
from tests.world import World

ROLES = [role.value for role in Role]
# The answers to somebody who is let in: with nothing sent, a form may well come back with its errors.
LET_IN = {200, 204, 303, 304, 400, 409, 413, 422}
# These show the asking person's own last print job, and nobody here has one.
NONE_YET = {"registrations.attendance_list_job", "registrations.attendance_list_file", "organizations.seal"}


def rules(app):
    """(endpoint, method, rule, who) of every route that is not open to everybody."""
    found = []
    for rule in app.url_map.iter_rules():
        who = app.view_functions[rule.endpoint].access
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            found.append((rule.endpoint, method, rule, who))
    return found


def address(app, world, rule):
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {**world.values(rule), **world.query(rule)})


def ask(client, method, path):
    return client.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"}, buffered=True)


@pytest.fixture
def world(make, db):
    world = World(make)
    db.session.commit()
    return world


def test_anonymous_visitors_reach_public_routes_only(app, client, world):
    wrong = {}
    for endpoint, method, rule, who in rules(app):
        answer = ask(client, method, address(app, world, rule))
        if who == "public":
            fine = answer.status_code in LET_IN | {404}
        else:
            fine = answer.status_code == 401 or (
                answer.status_code == 303 and answer.headers["Location"].startswith("/masuk")
            )
        if not fine:
            wrong[f"{method} {endpoint}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_its_permissions_say_and_nothing_else(app, log_in, make, db, role):
    wrong, world, client = {}, None, None
    for endpoint, method, rule, who in rules(app):
        if who == "public":
            continue
        if world is None:
            world = World(make)
            client = log_in(role, world.organization)
        answer = ask(client, method, address(app, world, rule))
        allowed = ("checkin" if who == "device" else who) in PERMISSIONS[Role(role)]
        if allowed and method == "POST":  # what the route was about may be changed or gone
            world, client = None, None
        if allowed and endpoint in NONE_YET and answer.status_code == 404:
            continue
        if (answer.status_code in LET_IN) != allowed or (not allowed and answer.status_code != 403):
            wrong[f"{method} {endpoint} ({who})"] = answer.status_code
    assert wrong == {}


def test_an_owner_of_another_office_finds_nothing_of_ours(app, log_in, world, db):
    stranger = log_in("owner")
    wrong = {}
    for endpoint, method, rule, who in rules(app):
        if who == "public" or not rule.arguments:
            continue
        answer = ask(stranger, method, address(app, world, rule))
        if answer.status_code != 404:
            wrong[f"{method} {endpoint}"] = answer.status_code
    assert wrong == {}


def test_ids_that_do_not_exist_are_not_found_and_never_an_error(app, log_in, world):
    client = log_in("owner", world.organization)
    wrong = {}
    for endpoint, method, rule, who in rules(app):
        if who == "public" or not rule.arguments:
            continue
        values = {name: _nothing(value) for name, value in world.values(rule).items()}
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(endpoint, values, append_unknown=False)
        answer = ask(client, method, path)
        if answer.status_code != 404:
            wrong[f"{method} {endpoint}"] = answer.status_code
    assert wrong == {}


def _nothing(value):
    if isinstance(value, uuid.UUID):
        return ids.uuid7()
    return 2_000_000_000 if isinstance(value, int) else "tidak-ada"
