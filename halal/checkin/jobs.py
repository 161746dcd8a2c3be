"""What workers do for check-in by themselves."""

from halal import jobs
from halal.checkin import services
from halal.extensions import db, read_only

_ended: set[tuple] = set()  # what is received after a day began is no practice, so one look for each is enough


@jobs.each_sweep
def end_practice() -> None:
    """Take back the practice of every event whose day has begun, so that nobody is in before they came."""
    with read_only():
        begun = {(event.id, services.day_begins(event)): event for event in services.events_of_today()}
        practised = {key: services.practised(event) for key, event in begun.items() if key not in _ended}
        db.session.rollback()
    for key, people in practised.items():
        if people:
            services.take_back_practice(begun[key], user_id=None)
            db.session.commit()
        _ended.add(key)
