"""The register of facilitated businesses."""

from flask import Blueprint, request

from halal import web
from halal.extensions import db
from halal.facilitation import labels, services

bp = Blueprint("facilitation", __name__)
bp.add_app_template_filter(labels.badge, "stage_badge")

PAGE_SIZE = 50


@bp.get("/kelola/usaha")
@web.allow("read")
def index():
    office = web.current_organization
    available = services.options(office)
    choice = services.choose(request.args, available)
    page = web.Page(request.args.get("page", 1, type=int), PAGE_SIZE, services.count(office, choice))
    rows = db.session.execute(services.find(office, choice).offset(page.offset).limit(page.size)).all()
    return web.render(
        "facilitation/index.html", "facilitation/_list.html", rows=rows, page=page, choice=choice, options=available,
        stages=labels.STAGES, by_commodity=services.count_by_commodity(office, choice),
        facilitations=services.facilitations_of([business for business, _owner in rows]),
    )  # fmt: skip
