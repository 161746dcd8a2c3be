"""Inviting staff, roles, and the owner who must remain."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from halal import clock
from halal.accounts import services
from halal.accounts.models import Role
from halal.errors import Conflict, DomainError, NotFound
from halal.messages.models import Mail


def invite(make, role=Role.ORGANIZER, email="baru@uji.example", by_mail=False):
    office = make.organization()
    owner = make.user(office, Role.OWNER)
    return office, owner, *services.invite(office, email, role, owner, by_mail=by_mail)


def test_the_link_of_an_invitation_lets_one_person_join_once(make):
    office, _owner, _invitation, token = invite(make, Role.CHECKIN_OFFICER)
    user = services.join_with_new_account(token, "Siti Aminah", "hash")
    assert [(m.organization, m.role) for m in user.memberships] == [(office, Role.CHECKIN_OFFICER)]
    with pytest.raises(NotFound):
        services.join_with_new_account(token, "Orang Lain", "hash")


def test_the_token_is_stored_as_a_hash_only(make):
    _office, _owner, invitation, token = invite(make)
    assert token not in invitation.token_hash


def test_an_invitation_ends_after_its_time(make, monkeypatch):
    _office, _owner, _invitation, token = invite(make)
    later = clock.now() + services.INVITATION_LIFETIME + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        services.find_invitation(token)


def test_a_second_invitation_to_the_same_person_ends_the_first(make):
    office, owner, _invitation, first = invite(make)
    _again, second = services.invite(office, "BARU@uji.example", Role.VIEWER, owner, by_mail=False)
    assert services.find_invitation(second).role is Role.VIEWER
    with pytest.raises(NotFound):
        services.find_invitation(first)


def test_existing_account_joins_only_when_it_is_logged_in(app, log_in, make, db):
    member = log_in("viewer")
    office, _owner, invitation, token = invite(make, email=member.user.email)
    stranger = app.test_client()
    page = stranger.get(f"/undangan/{token}").text
    assert 'name="password"' not in page
    assert f"/masuk?next=/undangan/{token}" in page
    typed = {"name": "Siapa Saja", "password": make.PASSWORD}
    assert "/masuk" in stranger.post(f"/undangan/{token}", data=typed).location
    assert member.post(f"/undangan/{token}").location == "/kelola/"
    assert {m.organization_id for m in member.user.memberships} == {member.organization.id, office.id}
    assert invitation.accepted_at is not None


def test_invitation_for_another_account_than_the_one_logged_in_is_not_accepted(log_in, make):
    member, other = log_in("viewer"), make.user(make.organization())
    _office, _owner, invitation, token = invite(make, email=other.email)
    answer = member.post(f"/undangan/{token}")
    assert (answer.status_code, invitation.accepted_at) == (422, None)
    assert other.email in member.get(f"/undangan/{token}").text


def test_account_with_unconfirmed_e_mail_joins_another_office_by_mailed_link_only(make):
    user = make.user(make.organization(), email_confirmed_at=None)
    _office, _owner, invitation, token = invite(make, email=user.email)
    with pytest.raises(DomainError, match="dikonfirmasi"):
        services.accept_invitation(token, user)
    assert invitation.accepted_at is None
    _office, _owner, _invitation, token = invite(make, email=user.email, by_mail=True)
    services.accept_invitation(token, user)
    assert user.email_confirmed_at is not None


def test_office_that_let_an_account_in_before_may_let_it_in_again(make):
    office, owner, _invitation, token = invite(make)
    user = services.join_with_new_account(token, "Siti", "hash")
    services.remove_member(office, services.members(office)[-1].id, owner)
    _again, token = services.invite(office, user.email, Role.VIEWER, owner, by_mail=False)
    services.accept_invitation(token, user)
    assert office in [m.organization for m in user.memberships]


@pytest.mark.parametrize("by_mail", [True, False])
def test_new_account_owns_its_e_mail_only_when_the_link_came_by_mail(make, by_mail):
    *_rest, token = invite(make, by_mail=by_mail)
    user = services.join_with_new_account(token, "Siti", "hash")
    assert (user.email_confirmed_at is not None) == by_mail


def test_where_mail_is_set_up_the_link_goes_by_mail_and_is_shown_to_nobody(app, log_in, db, monkeypatch):
    settings = replace(app.config["HALAL"], smtp_url="smtp://mail.example")
    monkeypatch.setitem(app.config, "HALAL", settings)
    client = log_in("owner")
    answer = client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"})
    assert answer.status_code == 303
    page = client.get("/kelola/tim").text
    assert "/undangan/" not in page.replace("/kelola/tim/undangan/", "")
    mail = db.session.scalar(select(Mail).where(Mail.recipient == "baru@uji.example"))
    token = mail.body.partition("/undangan/")[2].split()[0]
    assert services.find_invitation(token).by_mail


def test_somebody_in_the_team_cannot_be_invited_again(make):
    office = make.organization()
    owner = make.user(office, Role.OWNER)
    with pytest.raises(Conflict):
        services.invite(office, owner.email, Role.VIEWER, owner, by_mail=False)


def test_the_last_owner_can_neither_leave_nor_step_down(make):
    office = make.organization()
    owner = make.user(office, Role.OWNER)
    [membership] = services.members(office)
    with pytest.raises(DomainError, match="pemilik"):
        services.change_role(office, membership.id, Role.VIEWER, owner)
    with pytest.raises(DomainError, match="pemilik"):
        services.remove_member(office, membership.id, owner)


def test_members_and_invitations_of_another_office_are_out_of_reach(make):
    office, owner, invitation, _token = invite(make)
    other = make.organization()
    with pytest.raises(NotFound):
        services.revoke_invitation(other, invitation.id)
    with pytest.raises(NotFound):
        services.change_role(other, services.members(office)[0].id, Role.OWNER, owner)


def test_owners_invite_over_the_page_and_see_the_link_once(log_in):
    client = log_in("owner")
    answer = client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"})
    assert answer.status_code == 303
    first, second = client.get("/kelola/tim").text, client.get("/kelola/tim").text
    assert "localhost/undangan/" in first
    assert "localhost/undangan/" not in second
    assert "baru@uji.example" in second


def test_an_invitation_leads_to_the_public_address_however_the_owner_came_here(log_in):
    client = log_in("owner")
    elsewhere = {"base_url": "http://evil.example", "headers": {"Host": "evil.example"}}
    client.set_cookie("session", client.get_cookie("session").value, domain="evil.example")
    client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"}, **elsewhere)
    assert "http://localhost/undangan/" in client.get("/kelola/tim", **elsewhere).text


def test_joining_over_the_page_logs_in(client, make, db):
    _office, _owner, _invitation, token = invite(make)
    db.session.commit()
    page = client.get(f"/undangan/{token}")
    assert "baru@uji.example" in page.text
    assert client.post(f"/undangan/{token}", data={"name": "", "password": "kata-sandi-panjang"}).status_code == 422
    nameless = client.post(f"/undangan/{token}", data={"name": "123", "password": "kata-sandi-panjang"})
    assert nameless.status_code == 422
    assert "Isi nama Bapak/Ibu." in nameless.text
    for password in ("pendek", " " * 12):
        assert client.post(f"/undangan/{token}", data={"name": "Siti", "password": password}).status_code == 422
    joined = client.post(f"/undangan/{token}", data={"name": "Siti", "password": "kata-sandi-panjang"})
    assert joined.status_code == 303
    assert client.get("/kelola/akun").status_code == 200


def test_an_unknown_invitation_says_what_to_do(client):
    answer = client.get("/undangan/tidak-ada")
    assert answer.status_code == 404
    assert "Minta yang baru" in answer.text


def test_only_owners_manage_the_team(log_in):
    for role in ("organizer", "viewer", "checkin_officer"):
        assert log_in(role).get("/kelola/tim").status_code == 403
