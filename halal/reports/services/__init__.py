"""Numbers about events; those of programs are in halal/facilitation/numbers.py. Counters count rows.

Every page takes its numbers from here, so that the same question has one answer:

registered   has a place (confirmed), however it came
present      checked in to at least one session and not undone since, whatever became of the place afterwards
expected     has a place or is present: what shares of attendance are shares of
"""

from halal.reports.services.counts import EventCounts, counts_of, event_counts, is_example
from halal.reports.services.event import EventNumbers, RegionNumbers, event_numbers

__all__ = [
    "EventCounts", "counts_of", "event_counts", "is_example",
    "EventNumbers", "RegionNumbers", "event_numbers",
]  # fmt: skip
