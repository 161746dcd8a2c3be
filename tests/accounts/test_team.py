"""Inviting staff, roles, and the owner who must remain."""

from datetime import timedelta

import pytest

from halal import clock
from halal.accounts import services
from halal.accounts.models import Role
from halal.errors import Conflict, DomainError, NotFound


def invite(make, role=Role.ORGANIZER, email="baru@uji.example"):
    office = make.organization()
    owner = make.user(office, Role.OWNER)
    return office, owner, *services.invite(office, email, role, owner)


def test_the_link_of_an_invitation_lets_one_person_join_once(make):
    office, _owner, _invitation, token = invite(make, Role.CHECKIN_OFFICER)
    user = services.accept_invitation(token, "Siti Aminah", "kata-sandi-panjang")
    assert [(m.organization, m.role) for m in user.memberships] == [(office, Role.CHECKIN_OFFICER)]
    with pytest.raises(NotFound):
        services.accept_invitation(token, "Orang Lain", "kata-sandi-panjang")


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
    _again, second = services.invite(office, "BARU@uji.example", Role.VIEWER, owner)
    assert services.find_invitation(second).role is Role.VIEWER
    with pytest.raises(NotFound):
        services.find_invitation(first)


def test_a_person_with_an_account_joins_with_its_password(make):
    user = make.user(make.organization(), email="lama@uji.example")
    office, _owner, _invitation, token = invite(make, email="lama@uji.example")
    with pytest.raises(DomainError, match="kata sandi"):
        services.accept_invitation(token, "", "bukan-kata-sandinya")
    joined = services.accept_invitation(token, "", make.PASSWORD)
    assert joined is user
    assert office in [m.organization for m in user.memberships]


def test_somebody_in_the_team_cannot_be_invited_again(make):
    office = make.organization()
    owner = make.user(office, Role.OWNER)
    with pytest.raises(Conflict):
        services.invite(office, owner.email, Role.VIEWER, owner)


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
