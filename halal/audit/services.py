"""Writing the audit log."""

from halal.audit.models import AuditEntry
from halal.extensions import db


def record(
    action: str, *, organization_id: int | None, user_id: int | None = None, subject: str = "", **detail
) -> None:
    """Add one entry to the present transaction. `detail` must hold no personal data beyond names of fields and ids."""
    db.session.add(
        AuditEntry(action=action, organization_id=organization_id, user_id=user_id, subject=subject, detail=detail)
    )
