"""Home, events and news: the pages that everybody reads."""

from flask import request
from sqlalchemy import func, select

from halal import regions, web
from halal.events.lookup import public_event
from halal.extensions import db
from halal.news import services as news
from halal.news.models import Article
from halal.portal import listing, structured
from halal.portal.offers import offer
from halal.portal.views import bp

EVENTS_A_PAGE = 12
ARTICLES_A_PAGE = 12


@bp.get("/")
@web.allow("public")
def home():
    events = listing.next_events(3)
    articles = db.session.scalars(news.published().limit(3)).all()
    return web.render("portal/home.html", cards=_cards(events), articles=articles)


@bp.get("/kegiatan")
@web.allow("public")
def events():
    region, query = regions.find(request.args.get("region")), request.args.get("q", "").strip()
    events, page = _page_of(listing.public_events(region.code if region else "", query), EVENTS_A_PAGE)
    coming = [event for event in events if not listing.is_over(event)]
    past = [event for event in events if listing.is_over(event)]
    return web.render(
        "portal/events.html", coming=_cards(coming), past=_cards(past), page=page, region=region, query=query,
        regions=listing.regions_with_events(),
    )  # fmt: skip


@bp.get("/kegiatan/<slug>")
@web.allow("public")
def event(slug):
    event = public_event(slug)
    articles = db.session.scalars(news.published().where(Article.event_id == event.id).limit(6)).all()
    ((_event, offered),) = _cards([event])
    return web.render(
        "portal/event.html", event=event, offer=offered, articles=articles, structured=structured.event(event)
    )


@bp.get("/berita")
@web.allow("public")
def articles():
    articles, page = _page_of(news.published(), ARTICLES_A_PAGE)
    return web.render("portal/articles.html", articles=articles, page=page)


@bp.get("/berita/<slug>")
@web.allow("public")
def article(slug):
    article = web.get_or_404(db.session.scalar(news.published().where(Article.slug == slug)))
    more = db.session.scalars(news.published().where(Article.id != article.id).limit(3)).all()
    return web.render("portal/article.html", article=article, more=more, structured=structured.article(article))


def _cards(events) -> list:
    """Events with what they offer now."""
    taken = listing.taken_places(events) if events else {}
    return [(event, offer(event, taken.get(event.id, 0))) for event in events]


def _page_of(found, size: int):
    """The rows of the page that was asked for, and the page itself."""
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    page = web.Page(request.args.get("page", 1, int), size, total)
    return db.session.scalars(found.limit(size).offset(page.offset)).all(), page
