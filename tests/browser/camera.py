"""What Chromium's fake camera films: a QR code held before it, as raw video (YUV4MPEG2)."""

import io
from pathlib import Path

import zxingcpp
from PIL import Image

from halal import qr

WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> Path:
    """A gray wall with a small code of another kind; then somebody holds up a ticket, slightly tilted."""
    small = zxingcpp.create_barcode("12345", zxingcpp.BarcodeFormat.MicroQRCode)
    other = Image.fromarray(small.to_image(scale=5, add_quiet_zones=True))
    ticket = Image.open(io.BytesIO(qr.png(text, scale=8))).convert("L")
    wall = Image.new("L", (WIDTH, HEIGHT), 120)
    wall.paste(other, (8, 8))
    frames = [wall.tobytes()] * 10
    for angle in (-4, 0, 4):
        held = ticket.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=120)
        held.thumbnail((360, 360))
        seen = wall.copy()
        seen.paste(held, ((WIDTH - held.width) // 2, (HEIGHT - held.height) // 2))
        frames += [seen.tobytes()] * 4
    gray = bytes([128]) * (WIDTH * HEIGHT // 2)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + b"".join(b"FRAME\n" + frame + gray for frame in frames))
    return path
