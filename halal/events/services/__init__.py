"""What can be done with events."""

from halal.events.services.copying import copy_event
from halal.events.services.editing import change_event, create_event, shown
from halal.events.services.listing import Scope, count_by_scope, count_of, find_events
from halal.events.services.places import on_more_places, places_taken
from halal.events.services.states import allowed_states, set_status

__all__ = [
    "Scope", "allowed_states", "change_event", "copy_event", "count_by_scope", "count_of",
    "create_event", "find_events", "on_more_places", "places_taken", "set_status", "shown",
]  # fmt: skip
