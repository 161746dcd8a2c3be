"""The keys with which offices sign what their QR codes say."""

import base64
import contextlib
import hashlib
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from halal import clock, formats, vault
from halal.audit import services as audit
from halal.certificates.models import SigningKey
from halal.certificates.statement import Key
from halal.errors import Conflict, DomainError
from halal.extensions import db
from halal.organizations.models import Organization


def ensure(organization_id: int) -> SigningKey:
    """The office's key in use; made when there is none. The caller commits before anything is signed with it."""
    found = in_use(organization_id)
    if found is None:
        # Somebody else may make the first one in this moment: then theirs is the one.
        with contextlib.suppress(IntegrityError), db.session.begin_nested():
            db.session.add(_new(organization_id))
        found = in_use(organization_id)
    return found


def signer(organization: Organization) -> Key:
    """The key in use, ready to sign. Raises DomainError when HALAL_SECRET_KEY does not open it."""
    row = in_use(organization.id)
    if row is None:
        raise LookupError(f"office {organization.id} has no key yet")
    try:
        return Key.of(row.kid, Ed25519PrivateKey.from_private_bytes(vault.unlock(row.private_key, row.kid)))
    except vault.Unreadable:
        raise DomainError(
            _l(
                "The office's signing key was locked with another HALAL_SECRET_KEY. Those who run the system can set "
                "the old one again, or make a new key: flask --app app signing rotate %(slug)s",
                slug=organization.slug,
            )
        ) from None


def rotate(organization: Organization, user_id: int | None = None) -> SigningKey:
    """Sign with a new key from now on. What the old one signed stays valid; its private half is forgotten."""
    old = db.session.scalar(_query(organization.id).with_for_update())
    if old is not None:
        old.retired_at, old.private_key = clock.now(), None
        db.session.flush()
    new = _new(organization.id)
    db.session.add(new)
    db.session.flush()
    audit.record("certificate.key_rotated", organization_id=organization.id, user_id=user_id, subject=f"key:{new.kid}")
    return new


def declare_compromised(organization: Organization, kid: str, since: date, user_id: int | None = None) -> SigningKey:
    """Say for good that somebody else may sign with this key since that day (in the office's time zone). Its signature
    alone proves nothing any more, since a thief chooses the day on a statement; what the register holds stays valid.

    A key in use retires at once. An earlier day may be declared later, a later one not. Raises DomainError.
    """
    query = select(SigningKey).where(SigningKey.organization_id == organization.id, SigningKey.kid == kid)
    key = db.session.scalar(query.with_for_update())
    if key is None:
        raise DomainError(_l("Choose one of the office's keys."), "kid")
    first, today = (formats.local(moment, organization.timezone).date() for moment in (key.created_at, clock.now()))
    if not first <= since <= today:
        made = formats.date_only(first)
        raise DomainError(_l("The key was made on %(day)s. Choose a day from then until today.", day=made), "since")
    if key.compromised_since is not None and key.compromised_since <= since:
        raise Conflict(_l("This key is declared stolen since that day or an earlier one already."))
    key.compromised_since = since
    if key.retired_at is None:
        rotate(organization, user_id)
    db.session.flush()
    audit.record(
        "certificate.key_compromised", organization_id=organization.id, user_id=user_id, subject=f"key:{kid}",
        kid=kid, since=since.isoformat(),
    )  # fmt: skip
    return key


def all_of(organization_id: int) -> list[SigningKey]:
    """The office's keys, the newest first."""
    query = select(SigningKey).where(SigningKey.organization_id == organization_id)
    return list(db.session.scalars(query.order_by(SigningKey.created_at.desc(), SigningKey.kid)))


def holds(organization_id: int, kid: str) -> bool:
    """Whether this is still the key in use; then it stays so until the transaction ends."""
    query = _query(organization_id).where(SigningKey.kid == kid).with_for_update(read=True)
    return db.session.scalar(query) is not None


def published() -> dict:
    """All offices' public keys, retired ones too, as a JWK set (RFC 7517, RFC 8037) with the offices' names. One that
    was declared compromised says since when."""
    rows = db.session.execute(
        select(SigningKey, Organization.name)
        .join(Organization, Organization.id == SigningKey.organization_id)
        .order_by(SigningKey.created_at, SigningKey.kid)
    )
    return {"keys": [_jwk(key, office) for key, office in rows]}


def _jwk(key: SigningKey, office: str) -> dict:
    jwk = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key.kid, "x": _b64(key.public_key), "office": office}
    return {**jwk, "compromised": key.compromised_since.isoformat()} if key.compromised_since else jwk


def _query(organization_id: int):
    return select(SigningKey).where(SigningKey.organization_id == organization_id, SigningKey.retired_at.is_(None))


def in_use(organization_id: int) -> SigningKey | None:
    """The office's key in use; None before the first issuing."""
    return db.session.scalar(_query(organization_id))


def _new(organization_id: int) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = _b64(hashlib.sha256(public).digest())[:8]
    return SigningKey(
        kid=kid, organization_id=organization_id, public_key=public,
        private_key=vault.lock(private.private_bytes_raw(), kid),
    )  # fmt: skip


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
