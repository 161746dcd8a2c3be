"""When things happen in the demo: on the day that is told, or on a day counted from today."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from halal import clock, formats


def moment(plan: dict, key: str, zone: str) -> datetime:
    """`plan[key]` in the zone: a date with a time stands for itself, a time for `day` days from today."""
    value = plan[key]
    if isinstance(value, datetime):
        return value.replace(tzinfo=ZoneInfo(zone))
    day = plan.get("last_day" if key == "ends" and "last_day" in plan else "day", 0)
    return at(clock.now() + timedelta(days=day), value, zone)


def at(day: datetime, clock_time: time, zone: str) -> datetime:
    """That time on the zone's wall clock, on the day that the moment has there."""
    return datetime.combine(formats.local(day, zone).date(), clock_time, ZoneInfo(zone))
