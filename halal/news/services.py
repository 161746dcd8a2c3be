"""Writing, publishing and withdrawing articles."""

from dataclasses import dataclass, fields

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from halal import clock, text
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.meanwhile import hold, over_nobody
from halal.news.models import Article, ArticleStatus


@dataclass(frozen=True)
class Content:
    """What an organizer writes. `cover_file` is a key made by covers.store."""

    title: str
    summary: str = ""
    body: str = ""
    event_id: int | None = None
    cover_file: str | None = None
    cover_alt: str = ""


def create(organization_id: int, content: Content, author_id: int | None = None) -> Article:
    """A new draft."""
    article = Article(organization_id=organization_id, author_id=author_id, slug="")
    _write(article, content)
    db.session.add(article)
    _name(article)
    return article


def shown(article: Article) -> dict:
    """What the editor shows, and whether the public sees it."""
    return {"status": article.status, **{field.name: getattr(article, field.name) for field in fields(Content)}}


def change(article: Article, content: Content, seen: str = "") -> None:
    """Change an article. Raises ChangedMeanwhile when it is not as `seen` any more, or DomainError."""
    hold(article)
    with over_nobody(seen, shown, article):
        _write(article, content)
        if article.status is ArticleStatus.PUBLISHED:
            _require_text(article)
        article.updated_at = clock.now()
        _name(article)


def publish(article: Article) -> None:
    """Show it to everybody. The moment of the first publishing stays, and with it the address."""
    _require_text(article)
    article.status = ArticleStatus.PUBLISHED
    article.published_at = article.published_at or clock.now()


def unpublish(article: Article) -> None:
    """Take it off the public site; the text stays as a draft."""
    article.status = ArticleStatus.DRAFT


def delete(article: Article) -> None:
    """Delete a draft. A published article has readers and links: it is withdrawn first."""
    if article.status is ArticleStatus.PUBLISHED:
        raise Conflict(_l("A published article cannot be deleted. Withdraw it first."))
    db.session.delete(article)


def office_articles(organization_id: int, status: str = "", query: str = "") -> Select:
    """Articles of an office, newest first; of one state, or whose title has the words."""
    found = select(Article).where(Article.organization_id == organization_id).options(joinedload(Article.event))
    if status in set(ArticleStatus):
        found = found.where(Article.status == ArticleStatus(status))
    for word in query.split()[:8]:
        found = found.where(func.lower(Article.title).contains(word.lower(), autoescape=True))
    return found.order_by(func.coalesce(Article.published_at, Article.updated_at).desc(), Article.id.desc())


def published() -> Select:
    """Articles that everybody may read, newest first."""
    return (
        select(Article)
        .where(Article.status == ArticleStatus.PUBLISHED)
        .options(joinedload(Article.event), joinedload(Article.organization))
        .order_by(Article.published_at.desc(), Article.id.desc())
    )


def _write(article: Article, content: Content) -> None:
    title = text.clean_line(content.title)
    if not title:
        raise DomainError(_l("Write a title."), "title")
    if content.cover_file and not content.cover_alt.strip():
        raise DomainError(_l("Describe the picture in a few words, for people who cannot see it."), "cover_alt")
    if content.event_id is not None and content.event_id != article.event_id:
        event = db.session.get(Event, content.event_id)
        if event is None or event.organization_id != article.organization_id:
            raise DomainError(_l("Choose an event of your office."), "event_id")
    article.title = title
    article.summary = text.clean_line(content.summary)
    article.body = text.clean_block(content.body)
    article.event_id = content.event_id
    article.cover_file = content.cover_file
    article.cover_alt = text.clean_line(content.cover_alt) if content.cover_file else ""


def _require_text(article: Article) -> None:
    if not article.body.strip():
        raise DomainError(_l("Write the text before the article goes public."), "body")


def _name(article: Article) -> None:
    """Give the article its address, from the title. Once it was public the address never changes."""
    if article.published_at is not None:
        db.session.flush()
        return
    wanted = text.slugify(article.title)
    for _attempt in range(5):
        try:
            with db.session.begin_nested():
                article.slug = _free_slug(wanted, article.id)
                db.session.flush()
            return
        except IntegrityError:  # somebody took the address between the look and the write
            continue
    raise Conflict(_l("Somebody is saving an article of the same title. Save again."))


def _free_slug(wanted: str, article_id: int | None) -> str:
    others = select(Article.slug).where(
        Article.slug.startswith(wanted, autoescape=True), Article.id.is_distinct_from(article_id)
    )
    with db.session.no_autoflush:
        taken = set(db.session.scalars(others))
    if wanted not in taken:
        return wanted
    return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted}-{n}") not in taken)
