"""Events, for organizers."""

from flask import Blueprint

from halal import web
from halal.events import labels
from halal.events.lookup import own_event

bp = Blueprint("events", __name__)
for _name, _filter in labels.FILTERS.items():
    bp.add_app_template_filter(_filter, _name)


@bp.get("/kelola/kegiatan")
@web.allow("read")
def index():
    return web.render("events/index.html")


@bp.get("/kelola/kegiatan/<slug>")
@web.allow("read")
def show(slug):
    return web.render("events/show.html", event=own_event(slug))


@bp.get("/kelola/kegiatan/<slug>/ubah")
@web.allow("manage")
def edit(slug):
    return web.render("events/edit.html", event=own_event(slug))
