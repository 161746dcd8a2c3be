"""The stations of an import, each a job: read and check; take; undo. And the file that waits in between."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, update

from halal import files, ids, jobs, sheets
from halal.audit import services as audit
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db, looking
from halal.registrations.importing import checking, reading, review, taking, undoing
from halal.registrations.importing.columns import TAKEN
from halal.registrations.importing.headings import COUNTER, FIELDS, NIK
from halal.registrations.models import Import, ImportRow, ImportStatus, Verdict

CHECK, TAKE, CHANGE, UNDO = "import_check", "import_take", "import_change", "import_undo"
PAUSE = 0.04  # seconds
_PAUSES_OF_TAKING = 2  # in one: its transactions are longer


def store(event: Event, content: bytes) -> str:
    """Keep an uploaded file until its rows are taken; its key. Raises SheetError for what can be seen at once to be no
    spreadsheet. It takes its time, so it comes before everything that is written."""
    sheets.check(content)
    key = f"imports/{event.organization_id}/{ids.code()}"
    files.put(key, content)
    return key


def upload(event: Event, filename: str | None, key: str, *, user_id: int, nib_later: bool = False) -> Import:
    """Begin to look at a file that is stored. It goes again when this is never committed."""
    import_ = Import(
        organization_id=event.organization_id, event=event, created_by_id=user_id, file_key=key,
        filename=reading.clean_filename(filename) or _("Spreadsheet"), mapping={"nib_later": nib_later},
    )  # fmt: skip
    db.session.add(import_)
    db.session.flush()
    files.delete_unless_committed(key)
    audit.record(
        "import.uploaded", organization_id=event.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=event.id,
    )  # fmt: skip
    _start(CHECK, import_, user_id)
    return import_


class Question(sheets.SheetError):
    """The file can be read in more than one way: a person has to say in which."""


@dataclass
class Outcome:
    """What came of an import from the command line. `question` is what somebody has to answer first."""

    import_: Import
    rows: Sequence[ImportRow]
    found: dict
    taken: dict
    question: str = ""


def at_once(
    event: Event, filename: str, content: bytes, *, dry_run: bool, nib_later: bool, user_id: int | None = None
) -> Outcome:
    """Read, check and take in one go, without a job. A dry run stops after the check and writes nothing. Nobody waits
    for a lock while a file is read and judged. Raises DomainError, Question where nothing is registered before it is
    answered."""
    import_ = Import(
        organization_id=event.organization_id, event=event, created_by_id=user_id,
        filename=reading.clean_filename(filename), mapping={"nib_later": nib_later},
    )  # fmt: skip
    with looking():
        read = reading.understand(sheets.read_sheets(content), import_.mapping)
        if not read.has_name:
            headings = ", ".join(f"“{column['heading']}”" for column in read.columns[:12] if column["heading"])
            raise Question(
                _l("No column of names was recognized. Which one holds the names: %(columns)s? Head it “Nama”.",
                   columns=headings or "–")
            )  # fmt: skip
        question = reading.open_question(read)
        if dry_run:
            rows = _looked_through(import_, read)
            return Outcome(import_, rows, *[review.counts_of(rows)] * 2, question=question)
        if question:
            raise Question(question)
    db.session.add(import_)
    db.session.flush()
    reading.keep(import_, read, db.session.commit)
    db.session.commit()
    checking.check_all(import_, _commit, looking)
    found = review.counts(import_)
    taking.take_all(import_, _commit, user_id=user_id)
    db.session.commit()
    rows = db.session.scalars(review.rows_of(import_)).all()
    return Outcome(import_, rows, found, review.counts(import_))


def _looked_through(import_: Import, read: reading.Read) -> list[ImportRow]:
    """The rows with their verdicts, as a dry run tells them: nothing of them is in the database."""
    import_.mapping, import_.columns = read.mapping, read.columns
    rows = [ImportRow(**row, edited=False, matches=[]) for row in read.rows]
    checking.check_apart(import_, rows)
    return rows


def _commit(_done: int, _total: int) -> None:
    """Progress that nobody waits for."""
    _pause()


def _start(kind: str, import_: Import, user_id: int | None) -> None:
    import_.job_id = jobs.start(
        kind, organization_id=import_.organization_id, user_id=user_id, event_id=import_.event_id,
        import_id=import_.id, locale=str(get_locale() or "id"),
    ).id  # fmt: skip


def set_columns(
    import_: Import, columns: list[str], *, sheet: int, header: int, nib_later: bool, alone: bool, user_id: int | None
) -> None:
    """Read the file again with the columns that a person chose; `alone`: no other sheet and no other list of it.
    Raises DomainError without a column of names."""
    db.session.refresh(import_, with_for_update=True)
    if stage(import_, _job_of(import_)) == "working":
        raise Conflict(_l("This import is being worked on. Wait a moment, then reload the page."))
    if import_.status not in {ImportStatus.UPLOADED, ImportStatus.READY} or has_effect(import_):
        raise Conflict(_l("The columns can no longer be changed. Undo the import, or send the file again."))
    same_place = (sheet, header) == (import_.mapping.get("sheet"), import_.mapping.get("header"))
    if same_place and "name" not in columns:
        raise DomainError(_l("Say which column holds the names."))
    used = [name for name in columns if name in FIELDS]
    if same_place and (twice := {name for name in used if used.count(name) > 1}):
        heading = review.HEADINGS[min(twice, key=used.index)]
        raise DomainError(_l("Two columns are “%(field)s”. Choose one of them.", field=heading))
    known = {*TAKEN, NIK, COUNTER, ""}
    import_.mapping = {
        "sheet": sheet, "header": header, "nib_later": nib_later, "alone": alone or not same_place,
        **({"columns": [name if name in known else "" for name in columns]} if same_place else {}),
    }  # fmt: skip
    if not same_place:
        db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_.id))
    import_.status = ImportStatus.UPLOADED
    _start(CHECK, import_, user_id)


def discard(import_: Import, *, user_id: int | None) -> None:
    """Throw away an import of which nothing was taken, with its file and everything read from it."""
    db.session.refresh(import_, with_for_update=True)
    if import_.status in {ImportStatus.CHECKING, ImportStatus.TAKING} or has_effect(import_):
        raise Conflict(_l("This import is being worked on. Wait a moment, then reload the page."))
    audit.record(
        "import.discarded", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id,
    )  # fmt: skip
    files.delete_when_committed(import_.file_key)
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_.id))
    db.session.delete(import_)


def _job_of(import_: Import) -> jobs.Job | None:
    return db.session.get(jobs.Job, import_.job_id) if import_.job_id else None


def stage(import_: Import, job: jobs.Job | None) -> str:
    """What a person can do now: wait ("working"), let it go on ("broken"), name the columns ("columns"), read why it
    "failed", or look through its rows ("review")."""
    if import_.status == ImportStatus.FAILED:
        return "failed"
    if import_.status in {ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.TAKING}:
        if job is not None and job.status == jobs.JobStatus.FAILED:
            return "broken"
        if import_.status == ImportStatus.UPLOADED and job is not None and job.finished:
            return "columns"
        return "working"
    return "review"


def start_taking(import_: Import, *, user_id: int | None) -> None:
    """Begin to register the good rows: once, however many people press the button. Raises Conflict, DomainError."""
    review.lock_for_changes(import_)
    if not taking.count_takable(import_):
        raise DomainError(_l("There is no row to take. Correct rows or decide about possible duplicates first."))
    import_.status, import_.error = ImportStatus.TAKING, ""
    _start(TAKE, import_, user_id)


def start_without_nibs(import_: Import, *, user_id: int | None) -> None:
    """Judge the rows that are wrong again, and let those whose NIB is none do without. Raises Conflict."""
    review.lock_for_changes(import_)
    import_.mapping = import_.mapping | {"without_nib": True}
    db.session.execute(
        update(ImportRow)
        .where(
            ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.ERROR, ImportRow.registration_id.is_(None)
        )
        .values(verdict=None)
    )
    import_.status, import_.error = ImportStatus.CHECKING, ""
    _start(CHECK, import_, user_id)


def start_changing(import_: Import, *, user_id: int | None) -> None:
    """Begin to take what the file says of people who are registered already. Raises Conflict, DomainError."""
    review.lock_for_changes(import_)
    if not review.changed_people(import_):
        raise DomainError(_l("The file says nothing new of those who are registered. Reload the page."))
    db.session.execute(
        update(ImportRow)
        .where(ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.EXISTING)
        .values(accepted=True)
    )
    import_.status, import_.error = ImportStatus.TAKING, ""
    _start(CHANGE, import_, user_id)


def has_effect(import_: Import) -> bool:
    """Whether anybody is registered by this import, or has the data that it gave them; also one that broke off."""
    return undoing.has_taken(import_) or bool(undoing.changed_rows(import_))


def start_undoing(import_: Import, *, user_id: int | None) -> None:
    """Begin to undo what this import did. Raises Conflict."""
    db.session.refresh(import_, with_for_update=True)
    if import_.status not in {ImportStatus.TAKEN, ImportStatus.READY} or not has_effect(import_):
        raise Conflict(_l("This import cannot be undone now. Reload the page to see how far it is."))
    import_.status, import_.error = ImportStatus.TAKING, ""
    _start(UNDO, import_, user_id)


def go_on(import_: Import, *, user_id: int | None) -> None:
    """Start again what broke off: the job failed, and the import still waits for its end."""
    db.session.refresh(import_, with_for_update=True)
    job = _job_of(import_)
    if job is None or job.status != jobs.JobStatus.FAILED:
        raise Conflict(_l("This import is being worked on. Wait a moment, then reload the page."))
    _start(job.kind, import_, user_id)


def _progress(job: jobs.Job, pauses: int = 1) -> Callable[[int, int], None]:
    """Commits what was done. SQLite has one writer at a time, and who waits for it asks again every tenth of a second:
    a moment of silence between two commits lets a check-in through."""

    def step(done: int, total: int) -> None:
        jobs.progress(job, done, total)
        _let_others_write(pauses)

    return step


def _pause() -> None:
    db.session.commit()
    _let_others_write()


def _let_others_write(pauses: int = 1) -> None:
    if db.engine.dialect.name == "sqlite":
        time.sleep(pauses * PAUSE)


@jobs.handler(CHECK)
def check_job(job: jobs.Job) -> dict:
    """Read the file, then judge its rows. A file that cannot be read ends the import with the reason."""
    import_ = db.session.get(Import, job.params["import_id"])
    with force_locale(job.params["locale"]):
        if import_.status == ImportStatus.UPLOADED:
            key, chosen = import_.file_key, dict(import_.mapping)
            try:
                with looking():
                    read = reading.understand(reading.sheets_of(key), chosen)
            except DomainError as error:
                import_.status, import_.error = ImportStatus.FAILED, str(error.message)
                files.delete_when_committed(key)
                db.session.commit()
                return {}
            reading.keep(import_, read, _pause)
            db.session.commit()
        if import_.status == ImportStatus.CHECKING:
            checking.check_all(import_, _progress(job), looking)
        return review.counts(import_)


@jobs.handler(TAKE)
def take_job(job: jobs.Job) -> dict:
    """Register the good rows. When the event closed in the meantime, what is left waits, with the reason."""
    import_ = db.session.get(Import, job.params["import_id"])
    with force_locale(job.params["locale"]):
        if import_.status == ImportStatus.TAKING:
            try:
                taking.take_all(import_, _progress(job, _PAUSES_OF_TAKING), user_id=job.user_id)
            except DomainError as error:
                db.session.rollback()
                import_.status, import_.error = ImportStatus.READY, str(error.message)
                db.session.commit()
                return {}
            files.delete_when_committed(import_.file_key)
        return review.counts(import_)


@jobs.handler(CHANGE)
def change_job(job: jobs.Job) -> dict:
    """Take what the file says of people who are registered already."""
    import_ = db.session.get(Import, job.params["import_id"])
    with force_locale(job.params["locale"]):
        if import_.status == ImportStatus.TAKING:
            taking.change_all(import_, _progress(job), user_id=job.user_id)
        return review.counts(import_)


@jobs.handler(UNDO)
def undo_job(job: jobs.Job) -> dict:
    """Remove what the import registered, and change back what it changed."""
    import_ = db.session.get(Import, job.params["import_id"])
    with force_locale(job.params["locale"]):
        if import_.status == ImportStatus.TAKING:
            undoing.undo_all(import_, _progress(job), user_id=job.user_id)
        return review.counts(import_)
