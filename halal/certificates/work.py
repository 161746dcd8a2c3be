"""Issuing many: batch after batch, each committed with its progress, so that it goes on after a kill where it stood."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock, jobs
from halal.certificates import wording
from halal.certificates.layout import Unprintable
from halal.certificates.look import Look
from halal.certificates.models import Certificate, CertificateKind
from halal.certificates.services import delivery, issuing, planning, signing
from halal.certificates.wording import MAX_SIGNERS, Issue, Signer
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db, looking

KIND = "certificates.issue"
BATCH = 50
TRIES = 7
log = logging.getLogger(__name__)
# Drawing is work for one core, and two batches of one office would only throw away each other's drafts.
TURN = threading.Lock()


@dataclass
class Outcome:
    """What came of an issuing: how many, and whose could not be made, with the reason."""

    issued: int = 0
    failed: list[dict] = field(default_factory=list)
    storing: list[str] = field(default_factory=list)  # files that may be there without a certificate


def start(
    event: Event,
    issue: Issue,
    subjects: Sequence[str] | None,
    user_id: int | None,
    mail: bool = False,
    early: bool = False,
) -> jobs.Job:
    """Begin issuing in the background: everybody who is ready, or these subjects; with `mail`, whoever has an e-mail
    address is written to. Before the event is over, or without some of its sessions, only with `early`. Whose name
    cannot be printed, the job finds out. Raises DomainError."""
    if not issue.signers and issue.kind is not CertificateKind.AWARD:
        raise DomainError(_l("Choose one to three signatories."), "signatories")
    if len(issue.signers) > MAX_SIGNERS:
        raise DomainError(_l("At most %(max)s people can sign.", max=MAX_SIGNERS), "signatories")
    if not event.starts_at.year - 1 <= issue.issued_on.year <= max(event.starts_at, clock.now()).year + 1:
        raise DomainError(_l("This date is years away from the event. Check it."), "issued_on")  # numbers count by year
    if not early and (reasons := planning.early(event, issue.kind)):
        raise DomainError(_l("%(reasons)s Tick the box to issue all the same.", reasons=" ".join(reasons)), "early")
    running = last_job(event)
    if running is not None and not running.finished:
        raise Conflict(_l("An issuing is running already. Wait until it ends."))
    ready = sum(reason is None for _candidate, reason in planning.eligible(event, issue.kind, subjects))
    if not ready:
        raise DomainError(_l("There is nobody to issue a certificate to now."))
    return jobs.start(
        KIND, organization_id=event.organization_id, user_id=user_id, event_id=event.id, total=ready,
        issue=issue_values(issue),
        subjects=None if subjects is None else list(subjects), mail=mail,
    )  # fmt: skip


def issue_values(issue: Issue) -> dict:
    """What is issued how, as a job's parameters keep it."""
    return {
        "kind": issue.kind.value, "issued_on": issue.issued_on.isoformat(), "place": issue.place,
        "signers": [vars(signer) for signer in issue.signers], "base_url": issue.base_url, "look": asdict(issue.look),
    }  # fmt: skip


def issue_of(said: dict) -> Issue:
    """The issue that issue_values has told."""
    return Issue(
        CertificateKind(said["kind"]), date.fromisoformat(said["issued_on"]), said["place"],
        tuple(Signer(**signer) for signer in said["signers"]), said["base_url"], Look.of(said.get("look", {})),
    )  # fmt: skip


def last_job(event: Event) -> jobs.Job | None:
    """The event's issuing that runs, or ran last."""
    return db.session.scalar(
        select(jobs.Job)
        .where(jobs.Job.event_id == event.id, jobs.Job.kind == KIND)
        .order_by(jobs.Job.created_at.desc())
        .limit(1)
    )


@jobs.handler(KIND)
def _issue_job(job: jobs.Job) -> dict:
    said = job.params["issue"]
    issue = issue_of(said)
    outcome = Outcome(job.result.get("issued", 0), list(job.result.get("failed", [])))  # a job goes on where it stood
    _drop_leftovers(job)

    def report(left: int) -> None:
        done = outcome.issued + len(outcome.failed)
        job.result = {
            "kind": said["kind"], "issued": outcome.issued, "failed": list(outcome.failed),
            "storing": list(outcome.storing),
        }  # fmt: skip
        jobs.progress(job, done, done + left)

    mail = bool(job.params.get("mail"))
    issue_all(job.event_id, issue, job.params["subjects"], job.user_id, outcome, report, mail)
    return {"kind": said["kind"], "issued": outcome.issued, "failed": outcome.failed}


def _drop_leftovers(job: jobs.Job) -> None:
    """Remove the files that this job before it was killed, or an earlier one of the event before it failed, has stored
    and not issued."""
    same = select(jobs.Job).where(jobs.Job.event_id == job.event_id, jobs.Job.kind == KIND)
    left = [one for one in db.session.scalars(same) if one.result.get("storing") and (one is job or one.finished)]
    issuing.drop_unissued(key for one in left for key in one.result["storing"])
    for one in left:
        one.result = {**one.result, "storing": []}
    db.session.commit()


def issue_all(
    event_id: int,
    issue: Issue,
    subjects: Sequence[str] | None,
    user_id: int | None,
    outcome: Outcome,
    report: Callable[[int], None],
    mail: bool = False,
) -> None:
    """Issue to everybody who is ready. `report(how many are left)` must commit: it is called before files are stored,
    and after every batch in the transaction that issued it and, with `mail`, wrote the mails. Those who cannot be
    printed are listed in the outcome; the others go on."""
    with looking():
        waiting, organization_id = _waiting(event_id, issue, subjects, outcome)
    signing.ensure(organization_id)
    report(len(waiting))
    while waiting:
        with TURN:
            left = len(waiting)
            issued, done = _issue_batch(event_id, issue, waiting, user_id, outcome, lambda left=left: report(left))
            outcome.issued, outcome.storing = outcome.issued + len(issued), []
            if mail:
                delivery.mail_many(issued)
            waiting = waiting[done:]
            report(len(waiting))


def _waiting(event_id: int, issue: Issue, subjects: Sequence[str] | None, outcome: Outcome) -> tuple[list[str], int]:
    """Who is issued to, and the office; those who cannot be printed are added to the outcome. The plan itself, which
    knows everything of everybody, is gone before pages are drawn."""
    event = db.session.get_one(Event, event_id)
    plan = planning.plan(event, issue, subjects)
    known = {failed["subject"] for failed in outcome.failed}
    for skip in plan.skipped_for(planning.Reason.UNPRINTABLE):
        if skip.candidate.subject not in known:
            outcome.failed.append(failure(skip.candidate, skip.message))
    return [candidate.subject for candidate in plan.ready if candidate.subject not in known], event.organization_id


def _issue_batch(
    event_id: int, issue: Issue, subjects: Sequence[str], user_id: int | None, outcome: Outcome,
    report: Callable[[], None],
) -> tuple[list[Certificate], int]:  # fmt: skip
    """Issue to the first of these subjects; the certificates, and how many subjects that were. The transaction is left
    open, for the caller to commit. `report()` commits which files are about to be stored."""
    for attempt in range(TRIES):
        some = subjects[: max(1, BATCH >> attempt)]  # others were quicker: the next time less is drawn beforehand
        with looking():
            drafts, failures = _drafts(event_id, issue, some)
        issued = []
        if drafts:
            outcome.storing = [one.pdf_file for one in drafts]
            report()
            issuing.keep_files(drafts)
            event = db.session.get_one(Event, event_id)
            issued = issuing.store(event, issue.kind, issue.issued_on, drafts, user_id)
        if issued is not None:
            outcome.failed += failures
            return issued, len(some)
        db.session.rollback()
    raise Conflict(_("Others are issuing at the same time. Try again in a moment."))


def _drafts(event_id: int, issue: Issue, subjects: Sequence[str]):
    event = db.session.get_one(Event, event_id)
    year = issue.issued_on.year
    seq = issuing.next_seq(event.organization_id, year)
    tools, shared = issuing.tools(event.organization), wording.common(event, issue)
    drafts, failures = [], []
    for candidate, reason in planning.eligible(event, issue.kind, subjects):
        if reason:
            continue
        try:
            draft = issuing.draft(event, issue, candidate, seq, tools, shared)
            drafts.append(draft)
            seq += draft.seq is not None
        except Unprintable as error:
            failures.append(failure(candidate, str(error.message)))
        except Exception:
            log.exception("certificate for %s could not be drawn", candidate.subject)
            failures.append(failure(candidate, _("The page could not be drawn. Tell those who run the system.")))
    return drafts, failures


def failure(candidate: planning.Candidate, reason: str) -> dict:
    """Whose certificate cannot be made and why, as a job's result keeps it."""
    return {"subject": candidate.subject, "name": candidate.name, "reason": reason}
