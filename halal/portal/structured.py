"""Events and articles in the words of schema.org, for search engines (JSON-LD)."""

from flask import url_for

from halal import formats, web
from halal.events.models import Event, EventStatus
from halal.news.covers import cover
from halal.news.models import Article


def event(event: Event) -> dict:
    """schema.org/Event."""
    state = "EventCancelled" if event.status is EventStatus.CANCELLED else "EventScheduled"
    return _without_gaps(
        {
            "@context": "https://schema.org",
            "@type": "Event",
            "name": event.title,
            "description": event.summary,
            "url": web.absolute(url_for("portal.event", slug=event.slug)),
            "startDate": formats.local(event.starts_at, event.timezone).isoformat(),
            "endDate": formats.local(event.ends_at, event.timezone).isoformat() if event.ends_at else None,
            "eventStatus": f"https://schema.org/{state}",
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "location": {"@type": "Place", "name": event.venue or event.region_label, "address": event.address_line},
            "organizer": {"@type": "GovernmentOrganization", "name": event.organization.name},
            "maximumAttendeeCapacity": event.capacity,
            "isAccessibleForFree": True,
        }
    )


def article(article: Article) -> dict:
    """schema.org/NewsArticle."""
    picture = cover(article.cover_file)
    return _without_gaps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": article.title,
            "description": article.summary,
            "url": web.absolute(url_for("portal.article", slug=article.slug)),
            "image": web.absolute(url_for("portal.file", key=picture.large)) if picture else None,
            "datePublished": article.published_at.isoformat(),
            "dateModified": max(article.updated_at, article.published_at).isoformat(),
            "author": {"@type": "GovernmentOrganization", "name": article.organization.name},
        }
    )


def _without_gaps(values: dict) -> dict:
    return {key: value for key, value in values.items() if value not in (None, "")}
