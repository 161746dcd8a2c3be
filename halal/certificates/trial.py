"""The dry run of a design that the office wrote itself. Only the paper tells what fits such a page, so everybody's
certificate is drawn once and thrown away: in a job, because it takes a second for every two or three of them.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import jobs
from halal.certificates import artwork, compose, layout, own, statement, wording
from halal.certificates.services import issuing, planning
from halal.certificates.work import TURN, failure, issue_of, issue_values
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db, looking
from halal.organizations.numbering import render_number

KIND = "certificates.try"
BATCH = 10
_CODE = "0" * 26


def start(
    event: Event, issue: wording.Issue, subjects: Sequence[str] | None, plan: planning.Plan, user_id: int | None
) -> jobs.Job:
    """Begin to draw everybody who is ready, or these subjects, in the background. `plan` was made before, for it takes
    its time. Raises DomainError."""
    running = _last(event)
    if running is not None and not running.finished:
        raise Conflict(_l("The design is being tried already. Wait until that ends."))
    if not plan.ready:
        raise DomainError(_l("There is nobody to issue a certificate to now."))
    return jobs.start(
        KIND, organization_id=event.organization_id, user_id=user_id, event_id=event.id, total=len(plan.ready),
        issue=issue_values(issue), subjects=None if subjects is None else list(subjects),
        about=fingerprint(event, issue, plan),
    )  # fmt: skip


def found(event: Event, issue: wording.Issue, plan: planning.Plan) -> jobs.Job | None:
    """The last dry run, running or done, when it is about just these certificates; None when a word or a name has
    changed since."""
    job = _last(event)
    return job if job is not None and job.params["about"] == fingerprint(event, issue, plan) else None


def fingerprint(event: Event, issue: wording.Issue, plan: planning.Plan) -> str:
    """Stands for everything that these certificates would say, and how they look."""
    shared = wording.common(event, issue)
    texts = [planning.slots(event, issue, candidate, shared) for candidate in plan.ready]
    return hashlib.sha256(json.dumps([issue_values(issue), texts]).encode()).hexdigest()


def _last(event: Event) -> jobs.Job | None:
    query = select(jobs.Job).where(jobs.Job.event_id == event.id, jobs.Job.kind == KIND)
    return db.session.scalar(query.order_by(jobs.Job.created_at.desc()).limit(1))


def one(event: Event, job_id: uuid.UUID) -> jobs.Job | None:
    """This dry run, when it is one of this event."""
    return db.session.scalar(
        select(jobs.Job).where(jobs.Job.event_id == event.id, jobs.Job.kind == KIND, jobs.Job.id == job_id)
    )


@jobs.handler(KIND)
def _try_job(job: jobs.Job) -> dict:
    issue, event_id, subjects = issue_of(job.params["issue"]), job.event_id, job.params["subjects"]
    result = {"ready": 0, "squeezed": [], "failed": []}  # nothing was kept, so a job that was killed begins anew
    with looking():
        event = db.session.get_one(Event, event_id)
        waiting = [candidate.subject for candidate in planning.plan(event, issue, subjects).ready]
        full = _full_size(event, issue, waiting)
    total = len(waiting)
    while waiting:
        with TURN, looking():
            _try_batch(db.session.get_one(Event, event_id), issue, waiting[:BATCH], full, result)
        waiting = waiting[BATCH:]
        jobs.progress(job, total - len(waiting), total)
    result["squeezed"].sort(key=lambda one: one["size"])
    return result


def _full_size(event: Event, issue: wording.Issue, subjects: list[str]) -> float:
    """The size in points that this page gives a short name; 0 when not even that one fits."""
    for candidate in planning.candidates(event, issue.kind, subjects[:1]):
        try:
            return _drawn(event, issue, candidate, {"recipient": "Ani"})[1]
        except layout.Unprintable:
            break
    return 0.0


def _try_batch(event: Event, issue: wording.Issue, subjects: list[str], full: float, result: dict) -> None:
    for candidate in planning.candidates(event, issue.kind, subjects):
        try:
            lines, size = _drawn(event, issue, candidate)
        except layout.Unprintable as error:
            result["failed"].append(failure(candidate, str(error.message)))
            continue
        result["ready"] += 1
        if lines > 1 or size < full:
            name = planning.Squeezed(candidate, lines, size).name
            result["squeezed"].append({"name": name, "lines": lines, "size": size})


def _drawn(
    event: Event, issue: wording.Issue, candidate: planning.Candidate, values: dict | None = None
) -> tuple[int, float]:
    """The lines and the size in points of the name, as they came out on the paper. Raises Unprintable."""
    seq = issuing.next_seq(event.organization_id, issue.issued_on.year)
    number = render_number(event.organization.number_pattern, seq, issue.issued_on)
    texts = {**planning.slots(event, issue, candidate), **(values or {})}
    outside = candidate.award.number if candidate.award else ""
    snapshot = wording.complete(texts, number=number, code=_CODE, base_url=issue.base_url, own_number=outside)
    artwork.check(snapshot, artwork.lost(event.organization))
    stamp = artwork.load(snapshot["seal"]) if snapshot["seal"] else None
    densest = f"{snapshot['url']}#{'A' * statement.MAX_LENGTH}"
    paper = compose.render(snapshot, issuing.load_logo(event.organization), qr_text=densest, seal=stamp)
    name = layout.arrange(snapshot).name
    return len(name), own.name_size(paper, name)
