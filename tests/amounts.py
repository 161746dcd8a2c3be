"""How much the longest tests try: what fits into a run of ten minutes, or all of it with HALAL_TEST_THOROUGH=1."""

import os

THOROUGH = os.environ.get("HALAL_TEST_THOROUGH") == "1"


def amount(usual: int, thorough: int) -> int:
    """How many cases, people or rounds a test takes."""
    return thorough if THOROUGH else usual
