"""What Chromium's fake camera films: a QR code held before it, as raw video (YUV4MPEG2)."""

import io
from pathlib import Path

from PIL import Image

from halal import qr

WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> Path:
    """A second of somebody holding up a ticket, slightly tilted, on a gray wall."""
    ticket = Image.open(io.BytesIO(qr.png(text, scale=8))).convert("L")
    frames = []
    for angle in (-4, 0, 4):
        wall = Image.new("L", (WIDTH, HEIGHT), 120)
        held = ticket.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=120)
        held.thumbnail((360, 360))
        wall.paste(held, ((WIDTH - held.width) // 2, (HEIGHT - held.height) // 2))
        frames += [wall.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)] * 4
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + b"".join(b"FRAME\n" + frame for frame in frames))
    return path
