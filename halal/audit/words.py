"""The audit log in words: each action as a sentence. Placeholders are names of an entry's detail."""

from collections import defaultdict

from flask_babel import lazy_gettext as _l

from halal.audit.models import AuditEntry

SENTENCES = {
    "event.created": _l("Event created"),
    "event.copied": _l("Event copied from another one"),
    "event.changed": _l("Event changed"),
    "event.published": _l("Event published"),
    "event.unpublished": _l("Event taken back to draft"),
    "event.finished": _l("Event finished"),
    "event.cancelled": _l("Event cancelled"),
    "event.reopened": _l("Event opened again"),
    "program.created": _l("Program created"),
    "program.changed": _l("Program changed"),
    "program.closed": _l("Program closed"),
    "registration.created": _l("Attendee registered"),
    "registration.changed": _l("Attendee's data changed"),
    "registration.cancelled": _l("Registration cancelled"),
    "registration.restored": _l("Cancellation taken back"),
    "registrations.cancelled": _l("Registrations cancelled at once: %(count)s"),
    "registrations.restored": _l("Cancellation of several registrations taken back: %(count)s"),
    "registration.promoted": _l("Attendee moved up from the waiting list"),
    "registration.admitted": _l("Attendee admitted at the door"),
    "import.uploaded": _l("Spreadsheet uploaded"),
    "import.taken": _l("Spreadsheet imported, %(rows)s rows"),
    "import.changed": _l("Attendees changed by an import, %(rows)s rows"),
    "import.undone": _l("Import undone, %(rows)s rows"),
    "import.discarded": _l("Spreadsheet discarded"),
    "checkin.list_recorded": _l("Presence recorded from the attendee list: %(count)s"),
    "checkin.list_undone": _l("Presence recorded from the attendee list taken back: %(count)s"),
    "checkin.undone": _l("Check-in undone"),
    "checkin.merged": _l("Walk-in joined with a registration"),
    "checkin.told_apart": _l("Walk-in and registration are two people"),
    "checkin.scan_settled": _l("Unknown scan settled"),
    "checkin.repeat_settled": _l("Check-in at several tablets settled"),
    "checkin.paper_recorded": _l(
        "Attendance list on paper recorded, sheet %(page)s: %(recorded)s in, %(guests)s new, %(undone)s taken back"
    ),
    "checkin.tablet_paired": _l("Tablet paired"),
    "checkin.tablet_renamed": _l("Tablet renamed"),
    "checkin.tablet_revoked": _l("Tablet revoked"),
    "checkin.tablet_taken_back": _l("Everything a tablet recorded was taken back"),
    "checkin.tablets_closed": _l("Tablets closed: %(count)s"),
    "checkin.practice_taken_back": _l("Check-ins of practice taken back: %(count)s"),
    "checkin.restored": _l("A backup was restored, tablets send everything again"),
    "checkin.quarantine_accepted": _l("What a tablet sent was recorded after all"),
    "checkin.quarantine_dismissed": _l("What a tablet sent was left out"),
    "certificates.issued": _l("Certificates issued: %(count)s"),
    "certificates.first_number": _l("First certificate number of %(year)s set to %(first)s"),
    "certificates.design_changed": _l("Design of certificates changed, version %(version)s"),
    "award.added": _l("Award added"),
    "award.changed": _l("Award changed"),
    "award.removed": _l("Award removed"),
    "organization.changed": _l("Data of the office changed"),
    "organization.logo_changed": _l("Logo of the office changed"),
    "organization.logo_removed": _l("Logo of the office removed"),
    "organization.numbering_changed": _l("Pattern of certificate numbers changed"),
    "organization.signatories_changed": _l("Signatories changed"),
    "organization.seal_changed": _l("Stamp of the office changed"),
    "organization.seal_removed": _l("Stamp of the office removed"),
    "certificate.replaced": _l("Certificate replaced"),
    "certificate.revoked": _l("Certificate revoked"),
    "certificate.key_rotated": _l("New key for signing certificates"),
    "certificate.key_compromised": _l("Key %(kid)s for signing certificates declared stolen since %(since)s"),
    "certificate.seal_installed": _l("Seal for certificates installed"),
    "certificate.seal_removed": _l("Seal for certificates removed"),
    "article.created": _l("Article written"),
    "article.changed": _l("Article changed"),
    "article.published": _l("Article published"),
    "article.withdrawn": _l("Article withdrawn"),
    "article.deleted": _l("Draft of an article deleted"),
    "member.invited": _l("Somebody invited to the team"),
    "member.joined": _l("Somebody joined the team"),
    "member.removed": _l("Somebody removed from the team"),
    "member.role_changed": _l("Role changed"),
    "member.added": _l("Account added to the team from the command line"),
    "member.sessions_ended": _l("Log-ins ended: %(count)s"),
    "member.password_link_made": _l("Link for a new password made"),
    "member.password_set": _l("New password set by a link"),
}

# What the filter offers: beginnings of actions.
AREAS = {
    "event": _l("Events"),
    "program": _l("Programs"),
    "registration": _l("Attendees"),
    "import": _l("Imports"),
    "checkin": _l("Check-in"),
    "certificate": _l("Certificates"),
    "award": _l("Awards"),
    "article": _l("News"),
    "member": _l("Team"),
    "organization": _l("Office"),
}


def sentence(entry: AuditEntry) -> str:
    """What happened, as a sentence; the action's own name where it has none yet."""
    words = SENTENCES.get(entry.action)
    if words is None:
        return entry.action
    text = str(words)
    return text % defaultdict(lambda: "?", entry.detail) if "%(" in text else text
