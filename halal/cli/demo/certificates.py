"""Certificates of the demo, issued on the day after the event by the rules of real ones. Files are stored, too."""

from datetime import timedelta

from flask import current_app

from halal import clock, formats
from halal.certificates import work
from halal.certificates.models import CertificateKind
from halal.certificates.services import planning
from halal.certificates.wording import Issue, Signer, short_place
from halal.events.models import Event
from halal.extensions import db

A_FEW = 2  # of each kind: the others are there to be issued by whoever tries the product


def issue(event: Event, kinds: list[str]) -> None:
    """Issue a few of each kind. Commits, for that is how numbers are taken."""
    moment = event.last_moment + timedelta(days=1)
    day, place = formats.local(moment, event.timezone).date(), short_place(event.region_code)
    signers = tuple(Signer.of(signatory) for signatory in event.organization.signatories[:1])
    for kind in kinds:
        wanted = Issue(CertificateKind(kind), day, place, signers, current_app.config["HALAL"].base_url)
        subjects = [candidate.subject for candidate in planning.plan(event, wanted).ready[:A_FEW]]
        db.session.rollback()
        outcome = work.Outcome()
        with clock.stopped_at(moment):
            work.issue_all(event.id, wanted, subjects, None, outcome, lambda _left: db.session.commit())
        assert len(subjects) == outcome.issued, outcome.failed
