"""The organizer's first page, and how far long work is."""

from flask import Blueprint, url_for
from flask_babel import lazy_gettext as _l

from halal import web
from halal.accounts.gate import can
from halal.desk import services
from halal.events.models import Event
from halal.extensions import db

bp = Blueprint("desk", __name__)

# What long work is called; whoever starts a new kind of job names it here.
WORK = {
    "attendance_list": _l("Drawing an attendance list"),
    "certificates.issue": _l("Issuing certificates"),
    "import_check": _l("Checking a spreadsheet"),
    "import_take": _l("Registering from a spreadsheet"),
    "send_mail": _l("Sending an e-mail"),
}
bp.add_app_template_filter(lambda job: WORK.get(job.kind, _l("Work in the background")), "job_title")


@bp.get("/kelola/")
@web.allow("staff")
def home():
    if not can("read"):
        return web.redirect(url_for("checkin.choose"))
    office = web.current_organization
    return web.render("desk/home.html", home=services.home(office, manage=can("manage")))


@bp.get("/kelola/pekerjaan/<uuid:job_id>")
@web.allow("read")
def job(job_id):
    """How far a job is. Its page asks once a second until it is finished: one row is read, nothing is streamed."""
    found = web.get_or_404(services.find_job(web.current_organization, job_id))
    event = db.session.get(Event, found.event_id) if found.event_id else None
    return web.render("desk/job.html", "desk/_job.html", job=found, event=event)
