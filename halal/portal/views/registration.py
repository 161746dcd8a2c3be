"""Registering for an event, and the ticket."""
