"""The audit log, for owners."""

from datetime import date

from flask import Blueprint, request
from sqlalchemy import func, select

from halal import web
from halal.audit import services, words
from halal.extensions import db
from halal.web import current_organization

bp = Blueprint("audit", __name__)
bp.add_app_template_filter(words.sentence, "audit_sentence")

PAGE_SIZE = 50


@bp.get("/kelola/jejak")
@web.allow("own")
def index():
    chosen = _chosen()
    found = services.entries(current_organization.id, current_organization.timezone, **chosen)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    page = web.Page(request.args.get("page", 1, int), PAGE_SIZE, total)
    entries = db.session.scalars(found.limit(page.size).offset(page.offset)).all()
    return web.render(
        "audit/index.html", "audit/_entries.html", entries=entries, page=page, chosen=chosen, areas=words.AREAS,
        people=services.people(current_organization.id), names=services.subject_names(entries),
    )  # fmt: skip


def _chosen() -> dict:
    """The filters of the address; what cannot be read filters nothing."""
    area = request.args.get("area", "")
    return {
        "area": area if area in words.AREAS else "",
        "user_id": request.args.get("user", None, _id),
        "first_day": request.args.get("from", None, _day),
        "last_day": request.args.get("to", None, _day),
    }


def _id(typed: str) -> int:
    if not 0 < int(typed) < 2**31:
        raise ValueError
    return int(typed)


def _day(typed: str) -> date:
    day = date.fromisoformat(typed)
    if not 2000 <= day.year < 3000:  # the calendar's ends have no time zones
        raise ValueError
    return day
