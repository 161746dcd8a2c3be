"""How an office's certificates look, version after version."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from halal.audit import services as audit
from halal.certificates.look import SHIPPED, Look, checked
from halal.certificates.models import CertificateDesign, CertificateKind
from halal.extensions import db
from halal.meanwhile import ChangedMeanwhile, is_old
from halal.organizations.models import Organization


def versions(organization: Organization, kind: CertificateKind) -> list[CertificateDesign]:
    """Every version that was saved, the latest first."""
    return list(db.session.scalars(_query(organization, kind)))


def of_version(organization: Organization, kind: CertificateKind, version: int) -> Look | None:
    """The look of one version, 0 for the shipped one; None when there is no such version."""
    if version == SHIPPED.version:
        return SHIPPED
    found = db.session.scalar(_query(organization, kind).where(CertificateDesign.version == version))
    return found and Look.of({**found.look, "version": version})


def _query(organization: Organization, kind: CertificateKind):
    return (
        select(CertificateDesign)
        .where(CertificateDesign.organization_id == organization.id, CertificateDesign.kind == kind)
        .order_by(CertificateDesign.version.desc())
    )


def current(organization: Organization, kind: CertificateKind) -> Look:
    """The look that new certificates get: the office's latest version, or the shipped one."""
    found = db.session.scalar(_query(organization, kind).limit(1))
    return Look.of({**found.look, "version": found.version}) if found else Look()


def save(
    organization: Organization, kind: CertificateKind, look: Look, user_id: int | None = None, *, seen: str = ""
) -> Look:
    """Keep this look as the next version; the same as before adds none. `seen` is the version that the form showed.
    Raises ChangedMeanwhile or DomainError."""
    before = current(organization, kind)
    look = Look.of({**asdict(checked(look)), "version": before.version})
    if look == before:
        return before
    if is_old(seen, str(before.version)):
        raise ChangedMeanwhile(str(before.version))
    values = {**asdict(look), "version": before.version + 1}
    try:
        with db.session.begin_nested():
            db.session.add(
                CertificateDesign(
                    organization_id=organization.id, kind=kind, version=before.version + 1, look=values,
                    created_by_id=user_id,
                )
            )  # fmt: skip
    except IntegrityError:
        raise ChangedMeanwhile(str(current(organization, kind).version)) from None
    audit.record(
        "certificates.design_changed", organization_id=organization.id, user_id=user_id,
        subject=f"organization:{organization.id}", kind=kind.value, version=before.version + 1,
    )  # fmt: skip
    return Look.of(values)
