"""Programs, for organizers."""

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import regions, web
from halal.errors import DomainError
from halal.meanwhile import mark
from halal.programs import services
from halal.programs.forms import ROUTES, ProgramForm
from halal.programs.lookup import own_program

bp = Blueprint("programs", __name__)
bp.add_app_template_filter(lambda route: ROUTES.get(route, ""), "route")


def _form(program=None) -> ProgramForm:
    office = regions.find(web.current_organization.region_code)
    return ProgramForm(program, office.province_code, mark(services.shown(program)) if program else "")


@bp.get("/kelola/program")
@web.allow("read")
def index():
    return web.render("programs/index.html", programs=services.programs_of(web.current_organization.id))


@bp.get("/kelola/program/<int:program_id>")
@web.allow("read")
def show(program_id):
    return web.render("programs/show.html", program=own_program(program_id))


@bp.route("/kelola/program/baru", methods=["GET", "POST"])
@web.allow("manage")
def create():
    form = _form()
    if not form.is_submitted():
        return web.render("programs/edit.html", form=form, program=None)
    try:
        if form.validate():
            program = services.create_program(web.current_organization, form.details(), user_id=current_user.id)
            web.commit()
            return web.redirect(url_for("programs.show", program_id=program.id), _("The program is there."))
    except DomainError as error:
        web.show_errors(form, error)
    return web.render("programs/edit.html", status=422, form=form, program=None)


@bp.route("/kelola/program/<int:program_id>/ubah", methods=["GET", "POST"])
@web.allow("manage")
def edit(program_id):
    program, status = own_program(program_id), 422
    form = _form(program)
    if not form.is_submitted():
        return web.render("programs/edit.html", form=form, program=program)
    try:
        if form.validate():
            services.change_program(program, form.details(), seen=form.seen.data, user_id=current_user.id)
            web.commit()
            return web.redirect(url_for("programs.show", program_id=program.id), _("Saved."))
    except DomainError as error:
        status = error.status
        web.show_errors(form, error)
    return web.render("programs/edit.html", status=status, form=form, program=program)
