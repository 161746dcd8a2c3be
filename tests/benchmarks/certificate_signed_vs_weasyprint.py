"""A signed, sealed certificate (ECDSA P-256) against the same page rendered by WeasyPrint alone, unsigned and unsealed.

Everything that issuing does to one certificate before it is stored: texts, QR statement, drawing, seal; each for
somebody else, with the key and the seal loaded once as in an issuing. At least 8 times as fast.
`seal` alone is the part of it that the seal costs.
"""

import itertools
from collections.abc import Iterator

from halal.certificates import compose
from halal.certificates.models import CertificateKind
from halal.certificates.services import issuing, planning, sealing, signing
from halal.extensions import db
from tests.benchmarks._office import medians, office
from tests.certificates import hall

NAMES = ("Siti Aminah", "H. Moh. Asep Awaludin, S.E., M.M.", "Nurul 'Aini", "Tb. Wawan Hermawan", "Dewi Lestari, S.T.")


def run() -> Iterator[dict]:
    with office() as (_app, make, _client):
        event = hall.past_event(make, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")
        for name in NAMES:
            hall.present(make, event, name, business_name="Keripik Barokah", region_code="36.04")
        signing.ensure(event.organization_id)
        sealing.create_test_seal(event.organization)
        db.session.commit()
        how, tools = hall.issue(), issuing.tools(event.organization)
        turns = itertools.cycle(planning.candidates(event, CertificateKind.ATTENDANCE))
        drafts = [issuing.draft(event, how, next(turns), seq, tools) for seq in range(1, len(NAMES) + 1)]
        seqs, snapshots = itertools.count(len(NAMES) + 1), itertools.cycle([draft.snapshot for draft in drafts])
        unsealed = compose.render(drafts[0].snapshot)
        signed, rendered, seal = medians(
            [
                lambda: issuing.draft(event, how, next(turns), next(seqs), tools),
                lambda: compose.render(next(snapshots)),
                lambda: tools.sealer.seal(unsealed),
            ],
            rounds=15,
        )
    name = "certificate_signed_vs_weasyprint"
    yield {"name": name, "value": round(signed, 2), "unit": "ms", "against": round(rendered, 2),
           "ratio": round(rendered / signed, 2)}  # fmt: skip
    yield {"name": f"{name}: seal", "value": round(seal, 2), "unit": "ms", "against": round(rendered, 2),
           "ratio": round(rendered / seal, 2)}  # fmt: skip
