"""How an office's certificates look: orientation, color, words, language, stamp; in versions."""

import dataclasses
import io

import pytest
from PIL import Image, ImageChops, ImageDraw
from pypdf import PdfReader
from sqlalchemy import func, select

from halal import files
from halal.certificates import artwork, compose, layout, look, press, preview, slots
from halal.certificates.look import PALETTE, Look
from halal.certificates.models import CertificateDesign, CertificateKind
from halal.certificates.services import bundle, designs, lookup, planning
from halal.errors import DomainError
from halal.organizations import services as offices
from tests.certificates import hall
from tests.certificates.test_design import drawn, picture, places, words

KINDS = ["attendance", "speaker", "award"]


@pytest.fixture
def event(make):
    return hall.past_event(make, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")


@pytest.fixture
def desk(log_in, event):
    return log_in("organizer", event.organization)


def stamp(ground=(0, 0, 0, 0)) -> bytes:
    image, out = Image.new("RGBA", (300, 300), ground), io.BytesIO()
    ImageDraw.Draw(image).ellipse((10, 10, 290, 290), outline=(200, 0, 200, 255), width=20)
    image.save(out, "PNG")
    return out.getvalue()


def colors(pdf: bytes):
    image = picture(pdf, 60).convert("RGB")
    return image.getcolors(image.width * image.height)


def form(**values):
    return {"orientation": "landscape", "accent": look.GREEN, "language": "id", **values}


@pytest.mark.parametrize("color", PALETTE)
def test_every_color_of_the_palette_reads_well(color):
    assert look.contrast(color, look.PAPER) >= 7
    assert look.checked(Look(accent=color)).accent == color


@pytest.mark.parametrize("color", ["#ffd700", "#999999", "red", "", "#12345", "#14532f; }", "url(x)"])
def test_a_color_that_is_pale_or_none_is_refused_in_words(color):
    with pytest.raises(DomainError) as caught:
        look.checked(Look(accent=color))
    assert caught.value.field == "accent"


def test_contrast_is_that_of_the_guidelines():
    assert look.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert look.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_slots_are_names_and_nothing_is_evaluated():
    values = {"office": "{{day}} {{ 7*7 }}", "day": "Kamis"}
    assert slots.fill("{{office}} | {{ day }}", values) == "{{day}} {{ 7*7 }} | Kamis"
    for wrong in ("{{7*7}}", "{{office.__class__}}", "{{ config }}", "{% if x %}", "{{office", "day}}"):
        with pytest.raises(DomainError):
            slots.check(wrong, look.BODY_SLOTS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_upright_sheet_holds_the_longest_texts_inside_its_frame(make, event, kind):
    hall.present(make, event, "Siti")
    long = {
        "recipient": "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja Adiwinata, "
        "S.T., M.T., M.Sc., Ph.D., IPU.",
        "event": "Rapat Koordinasi Percepatan Fasilitasi Sertifikasi Halal bagi Pelaku Usaha Mikro dan Kecil",
        "signatories": [{"name": "Prof. Dr. H. Muhammad Abdurrahman, S.T., M.M.", "nip": "19700101 199501 1 001",
                         "title": "Kepala Bidang Pembinaan dan Pengembangan Koperasi dan Usaha Kecil"}] * 3,
    }  # fmt: skip
    _snapshot, pdf = drawn(event, hall.issue(), {**long, "design": kind, "orientation": "portrait"})
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    assert pages[0].mediabox.height > pages[0].mediabox.width
    left = 28 if kind == "speaker" else 18
    assert all(x0 > left and x1 < 196 and y0 > 17 and y1 < 280 for _word, x0, y0, x1, y1 in places(pdf))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_what_is_filled_looks_like_what_is_rendered(make, event, kind, orientation):
    hall.present(make, event, "Nurul 'Aini")
    texts = {"design": kind, "orientation": orientation, "accent": "#1b3a6b"}
    snapshot, seal = {**drawn(event, hall.issue(), texts)[0], "seal": "key"}, (stamp(), "image/png")
    filled, alone = press.certificate(snapshot, seal=seal), compose.render(snapshot, seal=seal)
    difference = ImageChops.difference(picture(filled, 60).convert("L"), picture(alone, 60).convert("L"))
    assert difference.getextrema()[1] <= 8


def test_words_and_language_of_the_office_are_printed(make, event):
    hall.present(make, event, "Siti")
    own = Look(title="Tanda Terima Kasih", lead="dengan hormat kepada", body="oleh {{office}}, {{day}}")
    text = words(drawn(event, hall.issue(look=own))[1])
    for part in ("TANDA TERIMA KASIH", "dengan hormat kepada", f"oleh {event.organization.name}"):
        assert part in text, part
    english = words(drawn(event, hall.issue(look=Look(language="en")))[1])
    for part in ("CERTIFICATE", "is given to", "PARTICIPANT", "Thursday, 15 May 2025", "Number: 500/007"):
        assert part in english, part


def test_the_stamp_lies_over_the_first_signature_and_stays_away_from_outside_issuers(make, db, event):
    offices.set_seal(event.organization, offices.store_seal(event.organization_id, stamp()))
    how = hall.issue(CertificateKind.AWARD, look=Look(stamp=True))
    hall.award(make, event, "Kota A")
    hall.award(make, event, "Kota B", issuer="MUI", signatory_name="K.H. Hamri")
    hall.issue_all(event, how)
    pink = [
        any(r > 150 and g < 90 and b > 150 for _n, (r, g, b) in colors(bundle.content(c)))
        for c in lookup.valid(event, CertificateKind.AWARD)
    ]
    assert pink == [True, False]
    files.delete(event.organization.seal_file)
    hall.award(make, event, "Kota C")
    plan = planning.plan(event, how)
    assert [str(s.candidate.name) for s in plan.skipped_for(planning.Reason.UNPRINTABLE)] == ["Kota C"]
    assert artwork.lost(event.organization) == {event.organization.seal_file}


@pytest.mark.parametrize("content", [stamp((255, 255, 255, 255)), b"", b"GIF89a nothing"])
def test_a_stamp_must_be_a_see_through_picture(make, content):
    office = make.organization()
    with pytest.raises(DomainError) as caught:
        offices.store_seal(office.id, content)
    assert caught.value.field == "seal"


def test_a_new_version_changes_no_issued_certificate_and_replacing_keeps_the_old_look(make, db, event):
    hall.present(make, event, "Siti")
    office = event.organization
    first = designs.save(office, CertificateKind.ATTENDANCE, Look(orientation="portrait", title="Tanda Hadir"))
    hall.issue_all(event, hall.issue(look=first))
    [certificate] = lookup.valid(event, CertificateKind.ATTENDANCE)
    before = bundle.content(certificate)
    second = designs.save(office, CertificateKind.ATTENDANCE, Look(accent="#7a1f2b"))
    assert (first.version, second.version) == (1, 2)
    assert designs.save(office, CertificateKind.ATTENDANCE, second).version == 2  # nothing new
    assert designs.current(office, CertificateKind.SPEAKER) == Look()
    assert bundle.content(certificate) == before
    assert certificate.snapshot["design_version"] == "1"
    new = hall.replace(certificate, "Siti, S.E.", "", "gelar")
    assert (new.snapshot["orientation"], new.snapshot["title"]) == ("portrait", "Tanda Hadir")


def test_a_certificate_of_an_older_release_can_still_be_replaced(make, db, event):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    [certificate] = lookup.valid(event, CertificateKind.ATTENDANCE)
    newer = ("orientation", "accent", "design_version", "seal")
    certificate.snapshot = {k: v for k, v in certificate.snapshot.items() if k not in newer}
    assert hall.replace(certificate, "Siti, S.E.", "", "gelar").snapshot["orientation"] == "landscape"


def test_the_form_shows_the_picture_and_keeps_a_version(desk, db, event):
    path = "/kelola/sertifikat/desain?kind=attendance"
    assert "data:image/png" in desk.get(path).text
    shown = desk.post(path, data=form(preview="1", title="Piagam"), headers={"HX-Request": "true"})
    assert 'id="design-preview"' in shown.text
    assert "<h1" not in shown.text
    assert db.session.scalar(select(func.count()).select_from(CertificateDesign)) == 0
    assert desk.post(path, data=form(accent="own", own_accent="#1b3a6b", title="Piagam")).status_code == 303
    saved = designs.current(event.organization, CertificateKind.ATTENDANCE)
    assert (saved.version, saved.accent, saved.title) == (1, "#1b3a6b", "Piagam")


@pytest.mark.parametrize(
    "values",
    [
        {"accent": "own", "own_accent": "#ffee00"}, {"title": "W" * 59}, {"body": "{{recipient.__class__}}"},
        {"orientation": "round"}, {"title": "Sertifikat 😀"}, {"lead": "M" * 79},
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_said_and_not_kept(desk, db, values):
    answer = desk.post("/kelola/sertifikat/desain?kind=attendance", data=form(**values))
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db.session.scalar(select(func.count()).select_from(CertificateDesign)) == 0


def test_the_stamp_is_for_the_owner_alone(log_in, event, client, db, desk):
    owner = log_in("owner", event.organization)
    data = {"part": "seal", "seal": (io.BytesIO(stamp()), "stempel.png")}
    assert owner.post("/kelola/kantor", data=data).status_code == 303
    assert owner.get("/kelola/kantor/stempel").data[:4] == b"\x89PNG"
    assert desk.get("/kelola/kantor/stempel").status_code == 403
    assert client.get(f"/berkas/{event.organization.seal_file}").status_code == 404
    owner.post("/kelola/kantor", data={"remove_seal": "y"})
    assert owner.get("/kelola/kantor/stempel").status_code == 303


def test_the_dry_run_says_that_a_title_is_too_long(make, event):
    hall.present(make, event, "Siti")
    plan = planning.plan(
        event, hall.issue(look=Look(title="Sertifikat Penghargaan Setinggi-tingginya bagi Peserta Kegiatan"))
    )
    assert plan.ready == []
    with pytest.raises(layout.Unprintable):
        preview.sample(event, hall.issue(look=Look(title="W" * 60)), None, "1", None)


LIST = "/kelola/sertifikat/desain/versi?kind=attendance"
VERSIONS = "/kelola/sertifikat/desain/attendance/versi"


@pytest.fixture
def three_versions(db, event):
    """Navy blue, then maroon, then upright."""
    office = event.organization
    for one in (Look(accent="#1b3a6b"), Look(accent="#7a1f2b"), Look(orientation="portrait", title="Piagam")):
        designs.save(office, CertificateKind.ATTENDANCE, one)
    return office


def test_every_version_is_shown_as_a_picture_and_the_shipped_design_too(desk, three_versions):
    assert LIST in desk.get("/kelola/sertifikat/desain?kind=attendance").text
    page = desk.get(LIST).text
    found = {}
    for version in range(4):
        assert f"{VERSIONS}/{version}.png" in page
        answer = desk.get(f"{VERSIONS}/{version}.png")
        assert answer.mimetype == "image/png"
        found[version] = Image.open(io.BytesIO(answer.data))
    assert found[3].height > found[3].width
    assert found[2].height < found[2].width
    assert len({image.tobytes() for image in found.values()}) == 4


def test_going_back_adds_a_version_and_changes_nothing_issued(make, db, desk, event, three_versions):
    hall.present(make, event, "Siti")
    kind = CertificateKind.ATTENDANCE
    hall.issue_all(event, hall.issue(look=designs.current(three_versions, kind)))
    (certificate,) = lookup.valid(event, kind)
    before = dict(certificate.snapshot), certificate.pdf_sha256
    assert desk.post(f"{VERSIONS}/1").status_code == 303
    now = designs.current(three_versions, kind)
    assert (now.version, now.accent, now.orientation) == (4, "#1b3a6b", "landscape")
    assert [one.version for one in designs.versions(three_versions, kind)] == [4, 3, 2, 1]
    assert designs.of_version(three_versions, kind, 3).title == "Piagam"
    db.session.expire_all()
    (certificate,) = lookup.valid(event, kind)
    assert (dict(certificate.snapshot), certificate.pdf_sha256) == before
    assert desk.post(f"{VERSIONS}/0").status_code == 303  # and back to the one that the product brings
    assert dataclasses.replace(designs.current(three_versions, kind), version=0) == Look()


def test_going_back_to_the_version_in_use_adds_none(desk, three_versions):
    assert desk.post(f"{VERSIONS}/3").status_code == 303
    assert designs.current(three_versions, CertificateKind.ATTENDANCE).version == 3


def test_a_version_that_cannot_be_printed_any_more_does_not_come_back(db, desk, three_versions):
    row = designs.versions(three_versions, CertificateKind.ATTENDANCE)[-1]
    row.look = {**row.look, "accent": "#ffee00"}  # as if the rule had come later
    db.session.commit()
    answer = desk.post(f"{VERSIONS}/1")
    assert answer.status_code == 422
    assert "terlalu pucat" in answer.text
    assert desk.get(f"{VERSIONS}/1.png").status_code == 422
    assert designs.current(three_versions, CertificateKind.ATTENDANCE).version == 3


def test_a_version_that_nobody_saved_is_not_found(desk, three_versions):
    for address in (f"{VERSIONS}/9.png", VERSIONS.replace("attendance", "award") + "/1.png"):
        assert desk.get(address).status_code == 404
    assert desk.post(f"{VERSIONS}/9").status_code == 404
