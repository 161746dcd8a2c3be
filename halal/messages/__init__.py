"""Mail and WhatsApp links."""

from halal.messages import sending  # noqa: F401 -- registers what the worker does
from halal.messages.problems import init_app as init_app
