"""What is read of QR codes from a picture."""

import io

import zxingcpp
from PIL import Image

from halal import qr


def test_only_qr_codes_are_read_whatever_else_stands_on_the_sheet():
    sheet = Image.new("L", (900, 700), 255)
    for kind, says, at in (("ITF", "013701", (20, 20)), ("MicroQRCode", "12345", (500, 20))):
        other = zxingcpp.create_barcode(says, zxingcpp.BarcodeFormat[kind])
        sheet.paste(Image.fromarray(other.to_image(scale=4, add_quiet_zones=True)), at)
    for says, at in (("satu", (20, 300)), ("dua", (500, 300))):
        sheet.paste(Image.open(io.BytesIO(qr.png(says))).convert("L"), at)
    assert sorted(qr.read(sheet)) == ["dua", "satu"]
    assert len(zxingcpp.read_barcodes(sheet)) == 4
