"""Before issuing: the design with a chosen recipient, and who would get a certificate and who not."""

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import formats, web
from halal.certificates import preview, trial, wording, work
from halal.certificates.forms import IssueForm
from halal.certificates.models import CertificateKind
from halal.certificates.services import designs, issuing, planning
from halal.certificates.views import bp
from halal.certificates.views.pages import kind_or_404
from halal.checkin import services as checkin
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.events.models import Event
from halal.fields import options
from halal.headers import name_download
from halal.messages.problems import is_set_up as mail_is_set_up
from halal.organizations.numbering import render_number

OFFERED = 200


bp.add_app_template_global(planning.without_certificate, "without_certificate")


def form_of(event: Event, kind: CertificateKind) -> IssueForm:
    """The form, with what was chosen so far: from the POST, or from the address while the preview is refined."""
    chosen = request.form if request.method == "POST" else request.args
    form = IssueForm(formdata=chosen if chosen else None)
    active = [s for s in event.organization.signatories if s.active]
    form.signatories.choices = options((s.id, f"{s.name}, {s.title}") for s in active)
    candidates = planning.candidates(event, kind)
    names = [(c.subject, c.name.replace("\n", " ")) for c in candidates if not c.out]
    form.people.choices, form.recipient.choices = options(names), options(names[:OFFERED])
    for field in (form.signatories, form.people, form.recipient):
        field.flags.required = True  # nothing of it is optional; what is too little depends on the kind
    if not chosen:
        form.issued_on.data = formats.local(event.last_moment, event.timezone).date()
        form.place.data = wording.short_place(event.region_code)
        form.signatories.data = [s.id for s in active[:1]]
        form.people.data = [c.subject for c in candidates]
    return form


def issue_of(event: Event, kind: CertificateKind, form: IssueForm) -> wording.Issue:
    """What the form says is to be issued."""
    signers = [s for s in event.organization.signatories if s.active and s.id in (form.signatories.data or [])]
    return wording.Issue(
        kind, form.issued_on.data or formats.local(event.last_moment, event.timezone).date(),
        " ".join((form.place.data or wording.short_place(event.region_code)).split()),
        tuple(wording.Signer.of(s) for s in signers), current_app.config["HALAL"].base_url,
        designs.current(event.organization, kind),
    )  # fmt: skip


def subjects_of(kind: CertificateKind, form: IssueForm) -> list[str] | None:
    """Whom the form names; attendance is for everybody who came."""
    return None if kind is CertificateKind.ATTENDANCE else list(form.people.data or [])


@bp.get("/kelola/kegiatan/<slug>/sertifikat/terbitkan/<kind>")
@web.allow("manage")
def prepare(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    return page(event, kind, form_of(event, kind))


@bp.post("/kelola/kegiatan/<slug>/sertifikat/terbitkan/<kind>")
@web.allow("manage")
def start(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    form = form_of(event, kind)
    if "preview" in request.form:  # without JavaScript the button that refreshes the preview sends the form
        return page(event, kind, form)
    if not form.validate():
        return page(event, kind, form, 422)
    try:
        mail = kind is CertificateKind.ATTENDANCE and form.mail.data and mail_is_set_up()
        work.start(event, issue_of(event, kind, form), subjects_of(kind, form), current_user.id, mail, form.early.data)
    except DomainError as error:
        web.show_errors(form, error)
        return page(event, kind, form, 422)
    web.commit()
    address = url_for("certificates.index", slug=slug)
    return web.redirect(address, _("The certificates are being made. You may leave this page."))


def page(event: Event, kind: CertificateKind, form: IssueForm, status: int = 200):
    """The page of an issuing; with what went wrong on the form, 422."""
    with web.looking():  # everybody's name is measured
        return _page(event, kind, form, status)


def _page(event: Event, kind: CertificateKind, form: IssueForm, status: int):
    issue = issue_of(event, kind, form)
    shown_issue = preview.signed(issue)
    plan = planning.plan(event, shown_issue, subjects_of(kind, form))
    is_own = bool(issue.look.html.strip())
    office, year = event.organization_id, issue.issued_on.year
    seq = issuing.next_seq(office, year)
    offered = [*(c.subject for c in plan.ready), *(choice.value for choice in form.recipient.choices)]
    form.recipient.data = shown = form.recipient.data or next(iter(offered), "")
    return web.render(
        "certificates/issue.html", "certificates/_preview.html", status=status, event=event, kind=kind, form=form,
        plan=plan, Reason=planning.Reason, problem=_problem(plan, shown), chosen=_address_arguments(form, shown),
        next_number=render_number(event.organization.number_pattern, seq, issue.issued_on),
        unsettled=checkin.unsettled(event) if kind is CertificateKind.ATTENDANCE else None,
        is_own=is_own, trial=trial.found(event, shown_issue, plan) if is_own else None,
        early=planning.early(event, kind), first_year=year if issuing.may_begin_at(office, year) else None,
    )  # fmt: skip


def _problem(plan: planning.Plan, subject: str) -> str:
    """Why the chosen recipient's certificate cannot be shown; empty when it can."""
    unprintable = plan.skipped_for(planning.Reason.UNPRINTABLE)
    return next((skip.message for skip in unprintable if skip.candidate.subject == subject), "")


def _address_arguments(form: IssueForm, recipient: str) -> dict:
    return {
        "issued_on": form.issued_on.data and form.issued_on.data.isoformat(), "place": form.place.data,
        "signatories": form.signatories.data, "recipient": recipient,
    }  # fmt: skip


def same_again(kind: CertificateKind, form: IssueForm) -> dict:
    """The arguments of an address at which the form says the same."""
    rest = (
        {"mail": "y" if form.mail.data else None}
        if kind is CertificateKind.ATTENDANCE
        else {"people": form.people.data}
    )
    return {**_address_arguments(form, form.recipient.data), **rest}


@bp.get("/kelola/kegiatan/<slug>/sertifikat/pratinjau/<kind>.png")
@web.allow("manage")
def preview_picture(slug, kind):
    return _preview(slug, kind, "image/png")


@bp.get("/kelola/kegiatan/<slug>/sertifikat/pratinjau/<kind>.pdf")
@web.allow("manage")
def preview_pdf(slug, kind):
    return _preview(slug, kind, "application/pdf")


def _preview(slug: str, kind: str, mime: str):
    """The certificate of one candidate as it would be, with a watermark and a code that leads nowhere."""
    event, kind = own_event(slug), kind_or_404(kind)
    form = form_of(event, kind)
    issue = issue_of(event, kind, form)
    found = planning.candidates(event, kind, [form.recipient.data]) if form.recipient.data else []
    seq = issuing.next_seq(event.organization_id, issue.issued_on.year)
    number = render_number(event.organization.number_pattern, seq, issue.issued_on)
    pdf = preview.sample(event, issue, found[0] if found else None, number, issuing.load_logo(event.organization))
    content = preview.picture(pdf) if mime == "image/png" else pdf
    response = current_app.response_class(content, mimetype=mime)
    return name_download(response, f"contoh-{slug}.{'png' if mime == 'image/png' else 'pdf'}", inline=True)
