"""What tablets send: JSON batches of operations, read strictly. Nothing here touches the database.

    {v: 1, event, device, store_id, sent_at, ops: [{id, kind, session, client_at, dev_seq, …}]}

One malformed operation never fails its batch; a batch that is no batch at all raises Garbage.
"""

import hashlib
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _quoted
from operator import attrgetter

from halal import ids
from halal.checkin.models import OpKind

VERSION = 1
MAX_OPS = 200
MAX_BYTES = 128 * 1024
VIA = ("scan", "search", "board", "paper")
_SLUG = re.compile(r"[a-z0-9-]{1,120}")
_HASH = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"[\w.:-]{1,40}", re.ASCII)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LAST_INT = 2**31 - 1
_SCANS = (OpKind.CHECK_IN, OpKind.UNKNOWN_SCAN)


class Garbage(ValueError):
    """What arrived is no batch; the text says which part."""


@dataclass(frozen=True)
class Incoming:
    """One well-formed operation. Who it is about is a registration, or the hash of a scanned ticket's token.

    `admitted`: the person was let in whatever the server knows, so this is a fact and no question; tablets without
    network always say so. `contact` of a walk-in is a business or a telephone number; `token_hash` of one is the code
    that was scanned before, and that nobody had.
    """

    id: uuid.UUID
    kind: OpKind
    client_at: datetime
    session_id: int | None = None
    registration_id: uuid.UUID | None = None
    token_hash: str | None = None
    undoes: tuple[uuid.UUID, ...] = ()
    into: uuid.UUID | None = None
    name: str = ""
    contact: str = ""
    via: str = "scan"
    admitted: bool = False
    dev_seq: int | None = None

    fingerprint: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """SHA-256 of what the tablet said; the same operation sent again has the same.

        A guest's contact is left out: a tablet forgets it once it has an answer, and still has to be able to send the
        guest again after a backup was restored. So is the place in the storage: one that was wiped under an open page
        is filled anew, with other numbers, and what was sent of it already is sent again.
        """
        object.__setattr__(self, "fingerprint", self._hash_of(None))

    def _hash_of(self, dev_seq: int | None) -> str:
        said = list(_said(self))
        said[_CONTACT], said[_DEV_SEQ] = "", dev_seq
        as_json = f"[{', '.join([_quoted(str(value)) for value in said])}]"
        return hashlib.sha256(as_json.encode()).hexdigest()

    def is_what_was_stored(self, fingerprint: str) -> bool:
        """Whether an operation with this fingerprint said the same. Those of before 28 November 2026 cover the place
        in the storage too."""
        return fingerprint == self.fingerprint or fingerprint == self._hash_of(self.dev_seq)


_NAMES = [name for name in Incoming.__dataclass_fields__ if name != "fingerprint"]
_CONTACT, _DEV_SEQ = _NAMES.index("contact"), _NAMES.index("dev_seq")
_said = attrgetter(*_NAMES)


@dataclass(frozen=True)
class Batch:
    """Operations of one tablet for one event; of the organizer's desk without a tablet.

    `rejected` holds (id or None, field) of the malformed ones.
    """

    event: str
    device_id: uuid.UUID | None
    store_id: str | None
    sent_at: datetime
    ops: tuple[Incoming, ...]
    rejected: tuple[tuple[str | None, str], ...] = field(default=())


def read_batch(body: object) -> Batch:
    """A batch from decoded JSON. Raises Garbage."""
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise Garbage("v")
    read, rejected = _read_ops(body, least=1)
    return Batch(
        event=_matching(body, "event", _SLUG),
        device_id=_uuid(body, "device"),
        store_id=_matching(body, "store_id", _MARK),
        sent_at=_moment(body, "sent_at"),
        ops=tuple(op for op, _raw in read),
        rejected=tuple((given, problem) for given, problem, _raw in rejected),
    )


@dataclass(frozen=True)
class Sync:
    """What a tablet sends to be up to date: operations (maybe none), how much of the log it knows, how it is.

    `log_id` is the log that `cursor` counts in, None before the first answer; `tail` is the operation at the cursor,
    `latest` the one of its own with the highest number, as far as it has any. `last_dev_seq` is the last number the
    tablet gave, `unsent` how many operations wait there beside those of this batch, `bare` the last number of its own
    that its storage was told to forget, `undecided` are ids that it lists as waiting for the organizer. `raw` holds
    the operations as they came, by id, and `malformed` (id or None, field, raw) those that cannot be read.
    """

    batch: Batch
    log_id: str | None
    cursor: int
    tail: uuid.UUID | None
    latest: uuid.UUID | None
    last_dev_seq: int
    unsent: int
    bare: int
    raw: dict[uuid.UUID, dict]
    malformed: tuple[tuple[str | None, str, object], ...]
    undecided: frozenset[str] = frozenset()


def read_sync(body: object) -> Sync:
    """A sync from decoded JSON. Raises Garbage.

    Whoever a tablet checked in is in: it decided at the door, by what it knew.
    """
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise Garbage("v")
    read, malformed = _read_ops(body, least=0, admitted=True)
    batch = Batch(
        event=_matching(body, "event", _SLUG),
        device_id=_uuid(body, "device") if body.get("device") else None,
        store_id=_matching(body, "store_id", _MARK),
        sent_at=_moment(body, "sent_at"),
        ops=tuple(op for op, _raw in read),
    )
    return Sync(
        batch=batch,
        log_id=_matching(body, "log_id", _MARK) if body.get("log_id") else None,
        cursor=_count(body, "cursor"),
        tail=_uuid(body, "tail") if body.get("tail") else None,
        latest=_uuid(body, "latest") if body.get("latest") else None,
        last_dev_seq=_count(body, "last_dev_seq"),
        unsent=_count(body, "unsent"),
        bare=_count(body, "bare"),
        raw={op.id: raw for op, raw in read},
        malformed=tuple(malformed),
        undecided=_ids(body, "undecided"),
    )


def read_stored(raw: dict) -> Incoming:
    """An operation that was kept as it came. Raises Garbage."""
    return _read_op(raw, admitted=True)


def _read_ops(body: dict, least: int, *, admitted: bool = False) -> tuple[list[tuple[Incoming, dict]], list[tuple]]:
    """The operations of a batch, each with how it came; and (id or None, field, raw) of those that cannot be read."""
    raw_ops = body.get("ops")
    if not isinstance(raw_ops, list) or not least <= len(raw_ops) <= MAX_OPS:
        raise Garbage("ops")
    ops, rejected = [], []
    for raw in raw_ops:
        try:
            ops.append((_read_op(raw, admitted=admitted), raw))
        except Garbage as problem:
            given = raw.get("id") if isinstance(raw, dict) else None
            rejected.append((given[:64] if _is_text(given) else None, str(problem), raw))
    return ops, rejected


def read_question(body: object) -> tuple[str, int, str]:
    """Event, session and what was typed, of a search. Raises Garbage."""
    if not isinstance(body, dict):
        raise Garbage("body")
    return _matching(body, "event", _SLUG), _number(body, "session"), _text(body, "q", 100)


def read_device(body: object) -> tuple[str, uuid.UUID, str]:
    """Event, device and the name that the officer gives it. Raises Garbage."""
    if not isinstance(body, dict):
        raise Garbage("body")
    return _matching(body, "event", _SLUG), _uuid(body, "device"), _text(body, "name", 80)


def _read_op(raw: object, *, admitted: bool) -> Incoming:
    """`admitted`: whoever was scanned was let in, said or not."""
    if not isinstance(raw, dict):
        raise Garbage("op")
    try:
        kind = OpKind(raw.get("kind"))
    except ValueError:
        raise Garbage("kind") from None
    op_id = _uuid(raw, "id")
    if op_id.version != 7:
        raise Garbage("id")
    common = {"id": op_id, "kind": kind, "client_at": _moment(raw, "client_at")}
    if "dev_seq" in raw:
        common["dev_seq"] = _number(raw, "dev_seq")
    said = _READERS[kind](raw)
    if admitted and kind in _SCANS:
        said["admitted"] = True
    return Incoming(**common, **said)


def _check_in(raw: dict) -> dict:
    who = {"registration_id": _uuid(raw, "registration")} if raw.get("registration") else {"token_hash": _hash(raw)}
    via = raw.get("via", "scan")
    if via not in VIA:
        raise Garbage("via")
    return {**who, "session_id": _number(raw, "session"), "via": via, "admitted": raw.get("admitted") is True}


def _walk_in(raw: dict) -> dict:
    return {
        "session_id": _number(raw, "session"), "registration_id": _uuid(raw, "registration"),
        "name": _text(raw, "name", 200), "contact": _text(raw, "contact", 200),
        "token_hash": _hash(raw) if raw.get("token_hash") or raw.get("token") else None,
    }  # fmt: skip


def _undo(raw: dict) -> dict:
    targets = raw.get("ops")
    if not isinstance(targets, list) or not 1 <= len(targets) <= MAX_OPS:
        raise Garbage("ops")
    who = {"registration_id": _uuid(raw, "registration")} if raw.get("registration") else {}
    return {**who, "undoes": tuple(sorted({_uuid({"ops": target}, "ops") for target in targets}))}


def _merge(raw: dict) -> dict:
    return {"registration_id": _uuid(raw, "registration"), "into": _uuid(raw, "into")}


_READERS = {
    OpKind.CHECK_IN: _check_in,
    OpKind.UNKNOWN_SCAN: _check_in,
    OpKind.WALK_IN: _walk_in,
    OpKind.UNDO: _undo,
    OpKind.MERGE: _merge,
}


def _hash(raw: dict) -> str:
    """The hash of what was scanned, made here when the browser may not compute hashes (no HTTPS)."""
    if "token" in raw:
        return ids.token_hash(_text(raw, "token", 500) or "-")
    return _matching(raw, "token_hash", _HASH)


def _uuid(raw: dict, name: str) -> uuid.UUID:
    value = raw.get(name)
    if not isinstance(value, str) or len(value) != 36:
        raise Garbage(name)
    try:
        return uuid.UUID(value)
    except ValueError:
        raise Garbage(name) from None


def _number(raw: dict, name: str) -> int:
    value = raw.get(name)
    if type(value) is not int or not 1 <= value <= _LAST_INT:
        raise Garbage(name)
    return value


def _count(raw: dict, name: str) -> int:
    """A number that may be 0, or missing."""
    return _number(raw, name) if raw.get(name) else 0


def _ids(raw: dict, name: str) -> frozenset[str]:
    """Ids that a tablet asks about, maybe none."""
    values = raw.get(name) or []
    if not isinstance(values, list) or len(values) > MAX_OPS or not all(isinstance(value, str) for value in values):
        raise Garbage(name)
    return frozenset(values)


def _text(raw: dict, name: str, limit: int) -> str:
    value = raw.get(name, "")
    if not _is_text(value) or len(value) > limit:
        raise Garbage(name)
    return value


def _is_text(value: object) -> bool:
    """A lone surrogate is valid JSON and no text."""
    return isinstance(value, str) and not _SURROGATE.search(value)


def _matching(raw: dict, name: str, pattern: re.Pattern) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Garbage(name)
    return value


def _moment(raw: dict, name: str) -> datetime:
    value = raw.get(name)
    if not isinstance(value, str) or len(value) > 40:
        raise Garbage(name)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Garbage(name) from None
    if moment.tzinfo is None or not 1970 <= moment.year <= 2100:  # a tablet whose clock has stopped says 1970
        raise Garbage(name)
    return moment.astimezone(UTC)
