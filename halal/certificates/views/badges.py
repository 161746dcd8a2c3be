"""Name badges for everybody with a place."""

from flask import Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.certificates import badges as drawing
from halal.certificates.views import bp
from halal.events.lookup import own_event
from halal.headers import name_download


@bp.get("/kelola/kegiatan/<slug>/kartu-nama")
@web.allow("manage")
def badges(slug):
    """The page; asked by htmx every two seconds while a worker draws, it answers with that part alone."""
    event = own_event(slug)
    return web.render(
        "certificates/badges.html", "certificates/_badges_job.html", event=event, job=drawing.latest(event),
        count=len(drawing.people(event)), per_sheet=drawing.COLUMNS * drawing.ROWS,
    )  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kartu-nama")
@web.allow("manage")
def start_badges(slug):
    drawing.start(own_event(slug), current_user.id)
    web.commit()
    return web.redirect(url_for("certificates.badges", slug=slug))


@bp.get("/kelola/kegiatan/<slug>/kartu-nama.pdf")
@web.allow("manage")
def badges_file(slug):
    event = own_event(slug)
    content = drawing.stored(drawing.latest(event))
    if content is None:
        return web.redirect(url_for("certificates.badges", slug=slug), _("Make the badges first."), "warning")
    response = Response(content, mimetype="application/pdf")
    return name_download(response, f"kartu-nama-{event.slug}.pdf", inline=True)
