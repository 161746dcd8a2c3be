"""What can be done at the door, and what the board knows."""

from halal.checkin.services.board import (
    board,
    dismiss_scan,
    merge_from_board,
    settle_repeat,
    tell_apart,
    undo_from_board,
    version,
)
from halal.checkin.services.changes import Read, Storage, changes, recognize, rename_log
from halal.checkin.services.history import presences
from halal.checkin.services.log import Sent, record, record_all
from halal.checkin.services.lookup import (
    CLOSED,
    LISTED,
    find_place,
    known_place,
    name_device,
    near,
    open_place,
    present,
    refuse_closed,
    search,
    sessions_to_choose,
)
from halal.checkin.services.numbers import counters, recent_counters
from halal.checkin.services.pairing import close_tablets, event_of_code, make_code, pair, rename, revoke
from halal.checkin.services.paper import Outcome, problems, record_sheet, rows
from halal.checkin.services.practice import day_begins, events_of_today, is_practice, practised, take_back_practice
from halal.checkin.services.quarantine import Full, accept, accept_all, decided, dismiss, keep
from halal.checkin.services.reports import Report
from halal.checkin.services.restored import begin_new_logs
from halal.checkin.services.results import Result, person_json
from halal.checkin.services.roster import event_of, names_of, roster, roster_version, roster_version_now, sessions_of
from halal.checkin.services.stolen import take_back
from halal.checkin.services.unsettled import Unsettled, unsettled

__all__ = [
    "CLOSED", "LISTED", "find_place", "known_place", "open_place", "refuse_closed", "sessions_to_choose", "name_device",
    "Sent", "Result", "record", "record_all", "search", "near", "present", "presences", "person_json",
    "counters", "recent_counters",
    "make_code", "event_of_code", "pair", "rename", "revoke", "close_tablets",
    "Read", "Storage", "changes", "recognize", "rename_log", "Report", "Full", "keep", "accept", "accept_all",
    "decided", "dismiss", "take_back", "day_begins", "events_of_today", "is_practice", "practised",
    "take_back_practice",
    "event_of", "names_of", "sessions_of", "roster", "roster_version", "roster_version_now",
    "rows", "problems", "record_sheet", "Outcome",
    "board", "version", "undo_from_board", "dismiss_scan", "merge_from_board", "settle_repeat", "tell_apart",
    "Unsettled", "unsettled", "begin_new_logs",
]  # fmt: skip
