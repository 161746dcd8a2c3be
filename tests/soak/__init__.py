"""A long trial of check-in in a bad hall: `make soak`, or `python -m tests.soak`.

Four tablets, each a real browser with the shipped page, check people in through a network that cuts, delays and
swallows, on a server that is killed and started again. Afterwards nothing may be missing and nothing counted twice.

    ROUNDS=100   how many rounds
    SEED=…       what is drawn: jobs, weather, deaths. The same seed draws the same, at moments that differ a little
    HALAL_TEST_DB=postgresql   on PostgreSQL instead of SQLite
"""
