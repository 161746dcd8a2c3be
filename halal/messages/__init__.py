"""Mail and WhatsApp links."""

from halal.messages import sending  # noqa: F401 -- registers what the worker does
