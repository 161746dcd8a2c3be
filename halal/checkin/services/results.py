"""What a tablet is told of an operation, and of a person."""

import uuid
from dataclasses import dataclass

from halal import regions
from halal.checkin.fold import Presence, corrected_time, skewed


@dataclass
class Result:
    """What became of one operation. `status` is one of

    ok: recorded, and it counts · duplicate: recorded, but `counts` came first · unknown: recorded, nobody has this
    code · undone, merged: recorded · taken_back: recorded, and undone since;
    other_event, cancelled, waiting: a question, not recorded, until it comes again with `admitted` ·
    conflict: this id was used with other content, not recorded · session_gone, too_many (walk-ins of one tablet),
    invalid: not recorded, `message` says why.
    """

    id: uuid.UUID | str | None
    status: str
    seq: int | None = None
    presence: Presence | None = None
    where: str = ""
    person: object = None
    title: str = ""
    message: object = ""

    def to_json(self) -> dict:
        answer = {"id": str(self.id) if self.id else None, "status": self.status, "seq": self.seq, "duplicate_of": None}
        if self.presence:
            counts = self.presence.op
            answer["at"] = corrected_time(counts).isoformat()
            answer["skewed"] = skewed(counts)
            answer["live"] = [str(op.op_id) for op in self.presence.live]
            if self.status == "duplicate":
                answer["duplicate_of"], answer["where"] = str(counts.op_id), self.where
        if self.person:
            answer["person"] = person_json(self.person)
        if self.title:
            answer["title"] = self.title
        if self.message:
            answer["message"] = self.message
        return answer


def person_json(row) -> dict:
    """All that a tablet may know of an attendee: no telephone number, no e-mail, no address, no whole NIB."""
    return {
        "id": str(row.id), "name": row.name, "business": row.business_name,
        "region": regions.label(row.region_code) if row.region_code else "",
        "nib5": row.nib[-5:] if row.nib else "",
    }  # fmt: skip
