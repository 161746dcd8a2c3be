"""Importing attendees from a spreadsheet.

upload ──read, find the columns, judge every row──> review ──take the good rows──> taken ──> undone

cells.py          what one cell says, as Excel mangles it
headings.py       what a heading says: which field, whose, how exactly
columns.py        which row is the heading, which lists there are, which column is which field
footers.py        rows that are nobody: totals, signatures, notes
understanding.py  one row: details and what is wrong with them
reading.py        the file into rows of the database
checking.py       the verdict on each row: new, registered already, possible duplicate, wrong
review.py         counts, pages, corrections, decisions, downloads
taking.py         registering the good rows in bulk; changing who is registered already
undoing.py        undoing both
work.py           the stations as jobs
contract.py       all of it in words for programs (docs/import.md)
"""
