"""Registering attendees by hand."""
