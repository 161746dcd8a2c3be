"""What benchmarks of certificates print: attendance certificates of one event, for people as they are met with."""

import random
import time
from collections.abc import Callable, Iterable

from halal import ids
from halal.certificates import wording
from halal.certificates.services import planning
from tests.benchmarks._office import _BUSINESS, _FIRST, _LAST, _SYLLABLES, office
from tests.certificates import hall

DEGREES = ("", "", "", ", S.E.", ", S.T., M.T.", ", S.Pd.I., M.Pd., Ph.D.")
# The address of the verification page and a signed payload, for codes that can be verified without a network.
SIGNED = "https://halal.contoh.go.id/v/{code}#" + ("eyJhbGciOiJFZERTQSJ9.c2VydGlmaWthdA_-" * 12)[:394]


def people(count: int) -> list[dict]:
    """The snapshots of so many attendance certificates."""
    chance = random.Random(count)
    with office() as (_app, make, _client):
        event = hall.past_event(make, title="Sosialisasi dan Fasilitasi Sertifikasi Halal bagi Pelaku Usaha Mikro")
        how = hall.issue()
        shared = wording.common(event, how)
        found = []
        for number in range(count):
            middle = "".join(chance.choices(_SYLLABLES, k=4)).capitalize()
            candidate = planning.Candidate(
                f"registration:{number}",
                f"{chance.choice(_FIRST)} {middle} {chance.choice(_LAST)}{chance.choice(DEGREES)}",
                f"{chance.choice(_BUSINESS)} {chance.choice(_LAST)}, Kab. Serang",
            )
            texts = planning.slots(event, how, candidate, shared)
            number_ = f"500/{number:03}/BPTSI/V/2025"
            found.append(wording.complete(texts, number=number_, code=ids.code(), base_url=how.base_url))
    return found


def per_second(draw: Callable[[dict], bytes], snapshots: Iterable[dict]) -> float:
    """How many certificates a core draws in a second: of the time that this process has worked, so that others on the
    machine count little."""
    start, count = time.process_time(), 0
    for snapshot in snapshots:
        draw(snapshot)
        count += 1
    return count / (time.process_time() - start)
