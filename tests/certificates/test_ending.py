"""Correcting and revoking: the old one stays, says so, and names its successor."""

import pytest
from sqlalchemy import select

from halal.certificates.models import Certificate, CertificateKind, CertificateStatus
from halal.certificates.services import bundle, ending, lookup, planning
from halal.certificates.services.planning import Reason
from halal.errors import Conflict, DomainError
from tests.certificates import hall


@pytest.fixture
def certificate(make, db):
    event = hall.past_event(make)
    hall.present(make, event, "Siti Aminah, S.E")
    hall.issue_all(event)
    return lookup.valid(event, CertificateKind.ATTENDANCE)[0]


def replace(certificate, name="Siti Aminah, S.E.", reason="gelar keliru"):
    return hall.replace(certificate, name, certificate.snapshot["detail"], reason)


def test_a_corrected_certificate_replaces_the_old_one_under_a_new_number(certificate, db):
    before = bundle.content(certificate)
    new = replace(certificate)
    db.session.commit()
    assert (certificate.status, certificate.successor_id, certificate.end_reason) == (
        CertificateStatus.REPLACED, new.id, "gelar keliru",
    )  # fmt: skip
    assert bundle.content(certificate) == before
    assert (new.recipient, new.number, new.status) == ("Siti Aminah, S.E.", "500/002/BPTSI/V/2025", "valid")
    assert new.code != certificate.code
    assert new.predecessor is certificate
    assert (new.registration_id, new.issued_on) == (certificate.registration_id, certificate.issued_on)
    assert b"%PDF" in bundle.content(new)[:8]


def test_after_a_replacement_nobody_is_issued_twice(certificate, db):
    replace(certificate)
    assert hall.issue_all(certificate.event).issued == 0


def test_a_certificate_is_replaced_once(certificate, db):
    new = replace(certificate)
    with pytest.raises(Conflict):
        replace(certificate)
    assert replace(new, "Siti Aminah, S.E., M.M.").seq == 3


def test_a_revoked_certificate_is_not_issued_again_by_itself(certificate, db):
    ending.revoke(certificate, "salah orang")
    event = certificate.event
    assert certificate.status is CertificateStatus.REVOKED
    assert [s.reason for s in planning.plan(event, hall.issue()).skipped] == [Reason.REVOKED]
    assert hall.issue_all(event).issued == 0
    assert bundle.content(certificate)


def test_a_revoked_certificate_may_get_a_successor_and_stays_revoked(certificate, db):
    ending.revoke(certificate, "salah cetak")
    new = replace(certificate)
    assert (certificate.status, certificate.successor_id) == (CertificateStatus.REVOKED, new.id)
    assert (certificate.end_reason, new.subject_key) == ("salah cetak", certificate.snapshot["subject"])


def test_revoking_needs_a_reason_and_happens_once(certificate, db):
    for reason in ("", "   ", "x" * 301):
        with pytest.raises(DomainError):
            ending.revoke(certificate, reason)
    ending.revoke(certificate, "salah orang")
    with pytest.raises(Conflict):
        ending.revoke(certificate, "lagi")


@pytest.mark.parametrize("name", ["", "  ", "Siti 😀", "123"])
def test_a_correction_is_checked_like_any_name_and_changes_nothing_when_refused(certificate, db, name):
    with pytest.raises(DomainError):
        replace(certificate, name)
    db.session.rollback()
    assert [c.status for c in db.session.scalars(select(Certificate))] == [CertificateStatus.VALID]


def test_nothing_is_ever_deleted(certificate, db):
    replace(replace(certificate), "Siti")
    assert [c.seq for c in db.session.scalars(select(Certificate).order_by(Certificate.seq))] == [1, 2, 3]
