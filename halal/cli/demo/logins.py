"""Log-ins of the demo: passwords are made once per instance and kept in its folder, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from halal.accounts import services as accounts
from halal.accounts.models import Membership, Role, User
from halal.accounts.passwords import hash_password
from halal.extensions import db
from halal.organizations.models import Organization

_HEAD = "# Log-ins of the demo. Keep this file to yourself.\n"


def hashed(logins: list[dict]) -> dict[str, str]:
    """Hashes of this instance's passwords, which are made where they lack, by e-mail. It takes its time, so it comes
    before everything that is written."""
    passwords = _read()
    for login in logins:
        passwords.setdefault(login["email"], secrets.token_urlsafe(9))
    _write(passwords)  # before the commit: a password that nobody knows would be worse than one too many
    return {login["email"]: hash_password(passwords[login["email"]]) for login in logins}


def add(organization: Organization, logins: list[dict], hashes: dict[str, str]) -> list[User]:
    """Staff of an office, whose passwords are `hashed`; somebody who has an account keeps it."""
    users = []
    for login in logins:
        user = accounts.find_user(login["email"]) or accounts.create_user(
            login["email"], login["name"], hashes[login["email"]], confirmed=True
        )
        accounts.add_member(user, organization, Role(login["role"]))
        users.append(user)
    return users


def describe() -> list[str]:
    """A line for each log-in of this instance that exists in its database: e-mail, password, role, office."""
    passwords = _read()
    rows = db.session.execute(
        select(User.email, Membership.role, Organization.short_name)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(User.email.in_(passwords))
        .order_by(Membership.id)
    ).all()
    return [f"{email:<36} {passwords[email]:<14} {role.value}, {office}" for email, role, office in rows]


def _path() -> Path:
    return Path(current_app.instance_path) / "demo-logins.txt"


def _read() -> dict[str, str]:
    if not _path().is_file():
        return {}
    lines = (line.split() for line in _path().read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {words[0]: words[1] for words in lines if len(words) == 2}


def _write(passwords: dict[str, str]) -> None:
    new = _path().with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(f"{email} {password}\n" for email, password in passwords.items()))
    new.replace(_path())
