"""What Chromium's fake camera films: a QR code held before it, as raw video (YUV4MPEG2)."""

import io
import random
from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps

from halal import qr

WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> Path:
    """A gray wall with a small code of another kind; then somebody holds up a ticket, slightly tilted."""
    small = zxingcpp.create_barcode("12345", zxingcpp.BarcodeFormat.MicroQRCode)
    other = Image.fromarray(small.to_image(scale=5, add_quiet_zones=True))
    ticket = _code(text, 8)
    wall = Image.new("L", (WIDTH, HEIGHT), 120)
    wall.paste(other, (8, 8))
    frames = [wall.tobytes()] * 10
    for angle in (-4, 0, 4):
        held = ticket.rotate(angle, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=120)
        held.thumbnail((360, 360))
        seen = wall.copy()
        seen.paste(held, ((WIDTH - held.width) // 2, (HEIGHT - held.height) // 2))
        frames += [seen.tobytes()] * 4
    return _write(path, frames, WIDTH, HEIGHT, 10)


def film_of_a_hall(path: Path, beside_a_poster: str, inverted: str, small: str) -> Path:
    """Three tickets one after the other, at full size: one smaller than the code of a poster beside it, one
    light on dark, one far away in a noisy picture."""
    width, height = 1280, 720
    chance = random.Random(7)
    wall = Image.new("L", (width, height), 150)
    poster = wall.copy()
    poster.paste(_code("https://halal.example/poster", 10), (40, 60))
    poster.paste(_code(beside_a_poster, 5), (760, 260))
    light = Image.new("L", (width, height), 30)
    light.paste(ImageOps.invert(_code(inverted, 8)), (420, 160))
    far = wall.copy()
    held = _code(small, 8).rotate(3, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=150)
    held.thumbnail((held.width * 0.23,) * 2)  # less than two pixels a dot: nothing is left of them at half size
    far.paste(held, (700, 300))
    noise = Image.frombytes("L", (width, height), bytes(chance.randrange(256) for _ in range(width * height)))
    far = Image.blend(far, noise, 0.25)
    frames = [scene.tobytes() for scene in (poster, wall, light, wall, far, wall) for _ in range(10)]
    return _write(path, frames, width, height, 5)


def _code(text: str, scale: int) -> Image.Image:
    return Image.open(io.BytesIO(qr.png(text, scale=scale))).convert("L")


def _write(path: Path, frames: list[bytes], width: int, height: int, rate: int) -> Path:
    gray = bytes([128]) * (width * height // 2)
    header = f"YUV4MPEG2 W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + b"".join(b"FRAME\n" + frame + gray for frame in frames))
    return path
