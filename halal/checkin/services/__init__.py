"""What can be done at the door, and what the board knows."""

from halal.checkin.services.board import board, dismiss_scan, merge_from_board, undo_from_board, version
from halal.checkin.services.history import presences
from halal.checkin.services.log import Sent, record, record_all
from halal.checkin.services.lookup import (
    find_place,
    name_device,
    open_place,
    present,
    refuse_closed,
    search,
    sessions_to_choose,
)
from halal.checkin.services.numbers import counters, recent_counters
from halal.checkin.services.results import person_json

__all__ = [
    "find_place", "open_place", "refuse_closed", "sessions_to_choose", "name_device",
    "Sent", "record", "record_all", "search", "present", "presences", "person_json",
    "counters", "recent_counters",
    "board", "version", "undo_from_board", "dismiss_scan", "merge_from_board",
]  # fmt: skip
