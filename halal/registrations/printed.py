"""What was printed: the rows of each page of an attendance list, kept under the code that the page carries.

A code leads to names only for staff of the office (halal/checkin/views/paper.py); on the paper it is an address.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from halal import ids, web
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import PrintedSheet

CODE_LENGTH = 16  # 80 random bits, which also open nothing without a log-in


def address(code: str) -> str:
    """What the QR code of a sheet says. Also made by workers, who know no routes."""
    return web.absolute(f"/d/{code}")


def keep(
    event_id: int,
    session_id: int | None,
    people: Sequence[uuid.UUID],
    pages: Sequence[Sequence[int]],
    user_id: int | None,
) -> list[str]:
    """The code of each page of a list; "" where a page has no rows. `pages` holds the numbers of the rows on each, from
    1 on; those beyond `people` are empty. A list that was printed before has the codes that it had."""
    said = json.dumps([session_id, [str(one) for one in people], [list(numbers) for numbers in pages]])
    print_hash = hashlib.sha256(said.encode()).hexdigest()
    codes = _codes(event_id, print_hash)
    if not codes and any(pages):
        rows = _rows(people, pages)
        common = {"event_id": event_id, "session_id": session_id, "print_hash": print_hash, "pages": len(pages)}
        try:
            with db.session.begin_nested():
                db.session.add_all([PrintedSheet(**common, **row, printed_by_id=user_id) for row in rows])
        except IntegrityError:
            pass  # somebody printed the same list at the same moment: theirs are as good
        codes = _codes(event_id, print_hash)
    return [codes.get(page, "") for page in range(1, len(pages) + 1)]


def _codes(event_id: int, print_hash: str) -> dict[int, str]:
    of_print = PrintedSheet.event_id == event_id, PrintedSheet.print_hash == print_hash
    return dict(db.session.execute(select(PrintedSheet.page, PrintedSheet.code).where(*of_print)).all())


def _rows(people: Sequence[uuid.UUID], pages: Sequence[Sequence[int]]) -> list[dict]:
    rows = []
    for page, numbers in enumerate(pages, 1):
        if numbers:
            here = [str(people[number - 1]) for number in numbers if number <= len(people)]
            rows.append({"code": ids.code()[:CODE_LENGTH], "page": page, "first": numbers[0], "people": here,
                         "blank": len(numbers) - len(here)})  # fmt: skip
    return rows


def latest(event: Event, limit: int) -> list[list[PrintedSheet]]:
    """The lists of this event that were printed last, latest first, each with its pages."""
    lists = (
        select(PrintedSheet.print_hash)
        .where(PrintedSheet.event_id == event.id)
        .group_by(PrintedSheet.print_hash)
        .order_by(func.max(PrintedSheet.id).desc())
        .limit(limit)
    )
    hashes = db.session.scalars(lists).all()
    rows = db.session.scalars(
        select(PrintedSheet)
        .where(PrintedSheet.event_id == event.id, PrintedSheet.print_hash.in_(hashes))
        .order_by(PrintedSheet.page)
        .options(joinedload(PrintedSheet.printed_by), joinedload(PrintedSheet.session))
    ).all()
    return [[row for row in rows if row.print_hash == one] for one in hashes]


def of_print(sheet: PrintedSheet) -> list[PrintedSheet]:
    """All pages of the list that a sheet belongs to, in order."""
    same = PrintedSheet.event_id == sheet.event_id, PrintedSheet.print_hash == sheet.print_hash
    return list(db.session.scalars(select(PrintedSheet).where(*same).order_by(PrintedSheet.page)))


def find(organization_id: int, code: str) -> PrintedSheet | None:
    """The sheet with this code, if it is one of the office's."""
    query = select(PrintedSheet).join(Event).where(PrintedSheet.code == code)
    return db.session.scalar(query.where(Event.organization_id == organization_id))
