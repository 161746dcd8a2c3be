"""News, for organizers."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from halal import clock, markdown, web
from halal.audit import services as audit
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.events.models import Event
from halal.extensions import db
from halal.meanwhile import mark
from halal.messages.services import whatsapp_link
from halal.news import covers, services
from halal.news.forms import ArticleForm
from halal.news.models import Article
from halal.web import current_organization

bp = Blueprint("news", __name__)
bp.add_app_template_filter(covers.cover, "cover")
bp.add_app_template_filter(markdown.to_text, "plain")
bp.add_app_template_global(whatsapp_link)

PAGE_SIZE = 25


@bp.get("/kelola/berita")
@web.allow("read")
def index():
    status, query = request.args.get("status", ""), request.args.get("q", "")
    found = services.office_articles(current_organization.id, status, query)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    page = web.Page(request.args.get("page", 1, int), PAGE_SIZE, total)
    articles = db.session.scalars(found.limit(page.size).offset(page.offset)).all()
    return web.render(
        "news/index.html", "news/_list.html", articles=articles, page=page, chosen=status, query=query, of_event=False
    )


@bp.get("/kelola/kegiatan/<slug>/berita")
@web.allow("read")
def for_event(slug):
    event = own_event(slug)
    found = services.office_articles(current_organization.id).where(Article.event_id == event.id)
    return web.render("news/for_event.html", event=event, articles=db.session.scalars(found).all(), of_event=True)


@bp.get("/kelola/berita/baru")
@web.allow("manage")
def create():
    form = ArticleForm()
    if slug := request.args.get("event"):
        _begin_about(form, own_event(slug))
    return _editor(form)


@bp.post("/kelola/berita/baru")
@web.allow("manage")
def create_submit():
    return _save(ArticleForm())


@bp.get("/kelola/berita/<int:article_id>")
@web.allow("manage")
def edit(article_id):
    article = _own_article(article_id)
    form = ArticleForm(obj=article, seen=mark(services.shown(article)))
    return _editor(form, article)


@bp.post("/kelola/berita/<int:article_id>")
@web.allow("manage")
def edit_submit(article_id):
    return _save(ArticleForm(), _own_article(article_id))


@bp.post("/kelola/berita/pratinjau")
@web.allow("manage")
def preview():
    return web.render("news/_preview.html", form=ArticleForm())


@bp.post("/kelola/berita/<int:article_id>/status")
@web.allow("manage")
def set_status(article_id):
    article = _own_article(article_id)
    if request.form.get("action") == "publish":
        services.publish(article)
        _record("published", article)
        message = _("The article is public now.")
    else:
        services.unpublish(article)
        _record("withdrawn", article)
        message = _("The article was withdrawn. It is a draft again.")
    web.commit()
    return web.redirect(url_for("news.edit", article_id=article.id), message)


@bp.post("/kelola/berita/<int:article_id>/hapus")
@web.allow("manage")
def delete(article_id):
    article = _own_article(article_id)
    picture = article.cover_file
    services.delete(article)
    _record("deleted", article)
    db.session.flush()
    covers.forget(picture)
    web.commit()
    return web.redirect(url_for("news.index"), _("The draft was deleted."))


def _own_article(article_id: int) -> Article:
    """The article if it belongs to the office that the user works in; 404 otherwise."""
    return web.get_or_404(
        db.session.scalar(
            select(Article).where(Article.id == article_id, Article.organization_id == current_organization.id)
        )
    )


def _editor(form: ArticleForm, article: Article | None = None, status: int = 200, show_preview: bool = False):
    _offer_events(form)
    return web.render(
        "news/edit.html", "news/_editor.html", status=status, form=form, article=article, show_preview=show_preview,
    )  # fmt: skip


def _offer_events(form: ArticleForm) -> None:
    own = select(Event).where(Event.organization_id == current_organization.id).order_by(Event.starts_at.desc())
    form.offer(db.session.scalars(own).all())


def _save(form: ArticleForm, article: Article | None = None):
    """Keep what was written, or show it again: as a preview, or with what is wrong about it."""
    _offer_events(form)
    with web.looking():
        problem = _take_cover(form, article)
    if request.form.get("action") == "preview":
        return _editor(form, article, show_preview=True)
    valid = form.validate()
    if problem:
        web.show_errors(form, problem)
    if problem or not valid:
        return _editor(form, article, status=422)
    try:
        return _write(form, article)
    except DomainError as error:
        db.session.rollback()
        web.show_errors(form, error)
        return _editor(form, article, status=error.status)


def _write(form: ArticleForm, article: Article | None):
    """Save, publish when that button was pressed, and go on with the article's own page."""
    old_picture = article.cover_file if article else None
    if article is None:
        article = services.create(current_organization.id, _content(form), current_user.id)
        _record("created", article)
    else:
        services.change(article, _content(form), form.seen.data)
        _record("changed", article)
    message = _("The draft is saved.") if article.published_at is None else _("The article is saved.")
    if request.form.get("action") == "publish":
        services.publish(article)
        _record("published", article)
        message = _("The article is public now.")
    if old_picture != article.cover_file:
        db.session.flush()
        covers.forget(old_picture)
    web.commit()
    return web.redirect(url_for("news.edit", article_id=article.id), message)


def _content(form: ArticleForm) -> services.Content:
    return services.Content(
        title=form.title.data or "",
        summary=form.summary.data or "",
        body=form.body.data or "",
        event_id=form.event_id.data,
        cover_file=form.cover_file.data or None,
        cover_alt=form.cover_alt.data or "",
    )


def _take_cover(form: ArticleForm, article: Article | None) -> DomainError | None:
    """Store an uploaded picture at once, so that it survives a mistake elsewhere in the form. One that a colleague
    replaced while the form was open gives way to what is there now."""
    if form.remove_cover.data or not covers.belongs(form.cover_file.data, current_organization.id):
        form.cover_file.data = ""
    elif article and form.cover_file.data != article.cover_file and not covers.is_stored(form.cover_file.data):
        form.cover_file.data = article.cover_file or ""
    upload = form.cover.data
    if not upload or not upload.filename:
        return None
    try:
        form.cover_file.data = covers.store(upload.read(), current_organization.id)
    except DomainError as error:
        error.field = "cover"
        return error
    form.remove_cover.data = False
    return None


def _begin_about(form: ArticleForm, event: Event) -> None:
    """Start an article with the facts that the site knows about the event, in Bahasa Indonesia."""
    with force_locale("id"):
        lines = render_template("news/starting_draft.md", event=event, now=clock.now())
    title, _rest, body = lines.strip().partition("\n")
    form.event_id.data, form.title.data, form.body.data = event.id, title, body.strip()


def _record(what: str, article: Article) -> None:
    audit.record(
        f"article.{what}",
        organization_id=article.organization_id, user_id=current_user.id, subject=f"article:{article.id}",
    )  # fmt: skip
