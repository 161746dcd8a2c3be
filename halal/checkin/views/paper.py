"""The attendance list on paper, opened by the QR code that each of its sheets carries, and ticked off."""

from flask import abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from halal import ids, web
from halal.checkin import services
from halal.checkin.grid import Grid, read_grid
from halal.checkin.views import bp
from halal.events.lookup import own_session
from halal.events.models import EventSession
from halal.registrations import printed
from halal.registrations.models import PrintedSheet
from halal.web import current_organization


@bp.get("/d/<sheet_code>")
@web.allow("checkin")
def paper(sheet_code):
    sheet = _own_sheet(sheet_code)
    session = _session(sheet)
    if session is None:
        return web.render("checkin/paper_sessions.html", sheet=sheet, event=sheet.event)
    return _page(sheet, session)


@bp.post("/d/<sheet_code>")
@web.allow("checkin")
def paper_post(sheet_code):
    sheet = _own_sheet(sheet_code)
    session, grid = _session(sheet), read_grid(request.form, range(sheet.first, sheet.last + 1))
    if session is None or grid is None:
        return web.redirect(
            url_for("checkin.paper", sheet_code=sheet.code), _("That could not be read. Try again."), "error"
        )
    if problems := services.problems(grid.ticks):
        return _page(sheet, session, grid, problems)
    back = _address(sheet, session)
    outcome = services.record_sheet(sheet, session.id, grid, user_id=current_user.id)
    web.commit()
    for number, sentence in outcome.problems:
        flash(_("Row %(number)s: %(sentence)s", number=number, sentence=sentence), "error")
    return web.redirect(back, _summary(outcome))


def _own_sheet(code: str) -> PrintedSheet:
    """A sheet of the office that the user works in; 404 otherwise."""
    sheet = web.get_or_404(printed.find(current_organization.id, ids.normalize_code(code)))
    services.refuse_closed(sheet.event.status)
    return sheet


def _session(sheet: PrintedSheet) -> EventSession | None:
    """The session that the sheet was printed for; of a list for all sessions the one that was chosen, if one was."""
    sessions = sheet.event.sessions
    if sheet.session_id or len(sessions) == 1:
        return own_session(sheet.event, sheet.session_id or sessions[0].id)
    chosen = request.args.get("sesi", type=int)
    if "sesi" in request.args and chosen not in {session.id for session in sessions}:
        abort(404)
    return own_session(sheet.event, chosen) if chosen else None


def _page(sheet: PrintedSheet, session: EventSession, grid: Grid | None = None, problems: dict | None = None):
    pages = printed.of_print(sheet)
    at = [page.id for page in pages].index(sheet.id)
    return web.render(
        "checkin/paper.html", status=422 if problems else 200, sheet=sheet, event=sheet.event, session=session,
        rows=services.rows(sheet, session.id), form_id=grid.form_id if grid else ids.uuid7(),
        typed={tick.number: tick for tick in grid.ticks} if grid else {}, problems=problems or {},
        before=_address(pages[at - 1], session) if at else "",
        after=_address(pages[at + 1], session) if at + 1 < len(pages) else "",
        here=_address(sheet, session), all_ticked="semua" in request.args,
    )  # fmt: skip


def _address(sheet: PrintedSheet, session: EventSession) -> str:
    return url_for("checkin.paper", sheet_code=sheet.code, sesi=None if sheet.session_id else session.id)


def _summary(outcome: services.Outcome) -> str:
    """What happened: "23 recorded, 2 new attendees, 1 taken back"."""
    parts = [
        outcome.recorded and _("%(count)s recorded", count=outcome.recorded),
        outcome.guests
        and ngettext(
            "%(count)s new attendee",
            "%(count)s new attendees",
            outcome.guests,
            count=outcome.guests,
        ),
        outcome.undone and _("%(count)s taken back", count=outcome.undone),
    ]
    done = ", ".join(part for part in parts if part)
    return f"{done}." if done else _("Nothing was changed.")
