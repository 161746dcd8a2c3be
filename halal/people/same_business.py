"""The one rule for "the same business", within one office.

Two records are the same business when they have the same NIB and a like name; or, where not both have a NIB, the same
name (comparable: see halal/text.py) and either the same phone of the owner, or the same owner and the same region.
One person may have two businesses under one NIB: the same NIB with quite another name is not the same. A business of
which only the NIB was given bears its owner's name, which cannot contradict.

Records are not merged: each keeps what was said when it came in, and `Business.same_as_id` names the first record of
its group. Who counts or lists businesses takes the first ones (halal/facilitation).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, or_, select, update

from halal.extensions import db
from halal.organizations.models import Organization
from halal.people.models import Business, Person
from halal.text import similar_names

# Group by this: the first record of a business's group.
FIRST = func.coalesce(Business.same_as_id, Business.id)


@dataclass
class NewRecord:
    """A record that was just written without being loaded; `link` says what it is the same as."""

    id: int
    name_key: str
    nib: str | None
    product: str
    region_code: str | None
    address: str
    same_as_id: int | None = None


class Traits(NamedTuple):
    """What a business is recognized by; names are comparable ones."""

    name: str
    nib: str | None
    region: str | None
    owner: str = ""
    phone: str | None = None

    @property
    def own_name(self) -> str:
        """The business's name; empty where it only bears its owner's."""
        return "" if self.name == self.owner else self.name


def is_same(one: Traits, other: Traits) -> bool:
    """The rule."""
    if one.nib and other.nib:
        if one.nib != other.nib:
            return False
        return not one.own_name or not other.own_name or similar_names(one.own_name, other.own_name)
    if not one.own_name or one.own_name != other.own_name:
        return False
    if one.phone and one.phone == other.phone:
        return True
    return bool(one.owner) and (one.owner, one.region) == (other.owner, other.region)


def groups(known: dict[int, Traits]) -> dict[int, int]:
    """The first record of each one's group, for all records of an office; those that are first themselves left out."""
    first = {id_: id_ for id_ in known}

    def root(id_: int) -> int:
        while first[id_] != id_:
            first[id_] = id_ = first[first[id_]]
        return id_

    alike = _Index(known)
    for id_, traits in known.items():
        heads = sorted({root(id_), *(root(other) for other in alike.find(traits, but=id_))})
        first.update(dict.fromkeys(heads, heads[0]))
    return {id_: root(id_) for id_ in known if root(id_) != id_}


def link(organization_id: int, businesses: Sequence[Business | NewRecord]) -> None:
    """Recognize these businesses, which are in the database and new or just corrected, among all of the office.

    The office's row is held meanwhile, so that two who write the same business at the same moment see each other.
    """
    if not businesses:
        return
    held = select(Organization.id).where(Organization.id == organization_id)
    db.session.execute(held.with_for_update(key_share=True))
    known, first = _look_up(organization_id, businesses)
    alike = _Index(known)
    moved: dict[int, int] = {}
    for business in sorted(businesses, key=lambda row: row.id):
        found = {first[id_] for id_ in alike.find(known[business.id], but=business.id)}
        mine = first[business.id]
        if mine != business.id and not found & {mine}:
            mine = first[business.id] = business.id  # corrected: it is not what it was taken for
        target = min(found | {mine})
        for head in (found | {mine}) - {target}:
            moved[head] = target
            first.update({id_: target for id_, its_first in first.items() if its_first == head})
    for business in businesses:
        business.same_as_id = None if first[business.id] == business.id else first[business.id]
    db.session.flush()
    _move(moved, {business.id for business in businesses})
    _complete({first[business.id] for business in businesses} & set(moved.values()), businesses)


def _move(moved: dict[int, int], done: set[int]) -> None:
    """Let whatever was the same as a head that moved follow it, and the head itself unless that is `done`."""
    if not moved:
        return
    following = Business.id.in_(set(moved) - done) | Business.same_as_id.in_(moved)
    rows = db.session.execute(select(Business.id, FIRST).where(following)).all()
    changed = []
    for id_, target in rows:
        while target in moved:
            target = moved[target]
        changed.append({"id": id_, "same_as_id": target})
    if changed:
        db.session.execute(update(Business), changed)
        db.session.expire_all()


def _look_up(
    organization_id: int, businesses: Iterable[Business | NewRecord]
) -> tuple[dict[int, Traits], dict[int, int]]:
    """Everything of the office that one of these may be: traits, and the first of its group, by id."""
    names = {business.name_key for business in businesses}
    nibs = {business.nib for business in businesses if business.nib}
    clues = [Business.name_key.in_(names), *([Business.nib.in_(nibs)] if nibs else [])]
    rows = db.session.execute(
        select(Business.id, FIRST, Business.name_key, Business.nib, Business.region_code, Person.name_key, Person.phone)
        .outerjoin(Person, Person.id == Business.owner_id)
        .where(Business.organization_id == organization_id, or_(*clues))
        .order_by(Business.id)
    ).all()
    known = {row[0]: Traits(row[2], row[3], row[4], row[5] or "", row[6]) for row in rows}
    return known, {row[0]: row[1] for row in rows}


class _Index:
    """Finds what may be the same by exact clues, so that ten thousand businesses are not compared with each other."""

    def __init__(self, known: dict[int, Traits]):
        self.known, self.by_clue = known, defaultdict(list)
        for id_, traits in known.items():
            for clue in self._clues(traits):
                self.by_clue[clue].append(id_)

    @staticmethod
    def _clues(traits: Traits):
        if traits.nib:
            yield "nib", traits.nib
        if traits.own_name and traits.phone:
            yield "phone", traits.own_name, traits.phone
        if traits.own_name and traits.owner:
            yield "owner", traits.own_name, traits.owner, traits.region

    def find(self, traits: Traits, but: int) -> set[int]:
        near = {id_ for clue in self._clues(traits) for id_ in self.by_clue[clue]} - {but}
        return {id_ for id_ in near if is_same(traits, self.known[id_])}


def _complete(heads: set[int], businesses: Sequence[Business | NewRecord]) -> None:
    """What the first record of a group lacks, a later one may say: lists show the first."""
    if not heads:
        return
    for head in db.session.scalars(select(Business).where(Business.id.in_(heads))):
        for business in businesses:
            if business.same_as_id == head.id:
                for field in ("nib", "product", "region_code", "address"):
                    setattr(head, field, getattr(head, field) or getattr(business, field))
    db.session.flush()
