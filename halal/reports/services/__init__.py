"""Numbers about events and programs. Counters count rows; nothing adds one to anything.

Every page takes its numbers from here, so that the same question has one answer:

registered   has a place (confirmed), however it came
present      checked in to at least one session and not undone since, whatever became of the place afterwards
expected     has a place or is present: what shares of attendance are shares of
"""

from halal.reports.services.counts import EventCounts, counts_of, event_counts, is_example
from halal.reports.services.event import EventNumbers, RegionNumbers, event_numbers
from halal.reports.services.program import ProgramNumbers, RegionQuota, numbers_of_programs, program_numbers

__all__ = [
    "EventCounts", "counts_of", "event_counts", "is_example",
    "EventNumbers", "RegionNumbers", "event_numbers",
    "ProgramNumbers", "RegionQuota", "numbers_of_programs", "program_numbers",
]  # fmt: skip
