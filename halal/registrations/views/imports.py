"""Importing attendees from a spreadsheet."""
