"""Keeping what people agreed to, and when they changed their mind."""

from halal import clock
from halal.extensions import db
from halal.registrations.models import Consent, ConsentPurpose, Registration


def consent_to(registration: Registration, purpose: ConsentPurpose) -> Consent | None:
    """The consent to this purpose, if it was given and not withdrawn."""
    return next((c for c in registration.consents if c.purpose == purpose and c.withdrawn_at is None), None)


def give_consent(registration: Registration, purpose: ConsentPurpose, text_version: str) -> None:
    """Note that the person agrees to this text now, by the channel of the registration. Once given stays given."""
    if consent_to(registration, purpose) is not None:
        return
    consent = next((c for c in registration.consents if c.purpose == purpose), None)
    if consent is None:
        consent = Consent(purpose=purpose)
        registration.consents.append(consent)
    consent.text_version, consent.channel = text_version, registration.source
    consent.given_at, consent.withdrawn_at = clock.now(), None
    db.session.flush()


def withdraw_consent(registration: Registration, purpose: ConsentPurpose) -> None:
    """Note that the person no longer agrees. The row stays: it shows that use until now was allowed."""
    if (consent := consent_to(registration, purpose)) is not None:
        consent.withdrawn_at = clock.now()
        db.session.flush()
