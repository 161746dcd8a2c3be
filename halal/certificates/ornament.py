"""The ornaments of the certificates, drawn by ourselves as SVG: kawung borders, a watermark, a rosette.

Kawung is the batik lattice of four petals that meet in a point. All lengths are millimetres on an A4 sheet, lying on
its side (297 x 210) or upright. `accent` ("#rrggbb") is the deep color. Nothing here imitates an official seal.
"""

from functools import cache
from math import cos, pi, sin

GREEN = "#14532f"
GOLD = "#b98a2f"
PALE_GOLD = "#e3c67f"

WIDTH, HEIGHT = 297, 210


def _lighter(color: str) -> str:
    """A little lighter, for what lies on the accent."""
    return "#" + "".join(f"{round(int(color[n : n + 2], 16) * 0.88 + 255 * 0.12):02x}" for n in (1, 3, 5))


def _sheet(orientation: str) -> tuple[int, int]:
    return (HEIGHT, WIDTH) if orientation == "portrait" else (WIDTH, HEIGHT)


# One petal from the middle of a tile of side 1 to its lower right corner, plump in the middle; then its seed.
_PETAL = ((0.048, 0.048), (-0.064, 0.256), (0.245, 0.563), (0.453, 0.453), (0.563, 0.245), (0.256, -0.064))
_SEED = ((0.175, 0.175), (0.325, 0.325))
_QUARTERS = ((1, 1), (1, -1), (-1, -1), (-1, 1))


def _point(cx: float, cy: float, size: float, quarter: tuple[int, int], point: tuple[float, float]) -> str:
    return f"{cx + quarter[0] * point[0] * size:.2f} {cy + quarter[1] * point[1] * size:.2f}"


def _flower(cx: float, cy: float, size: float) -> str:
    """The outline of the four petals around a point."""
    path = ""
    for q in _QUARTERS:
        a, b, c, d, e, f = (_point(cx, cy, size, q, p) for p in _PETAL)
        path += f"M{a}C{b} {c} {d}C{e} {f} {a}Z"
    return path


def _seeds(cx: float, cy: float, size: float) -> str:
    return "".join(f"M{_point(cx, cy, size, q, _SEED[0])}L{_point(cx, cy, size, q, _SEED[1])}" for q in _QUARTERS)


def _diamond(cx: float, cy: float, r: float) -> str:
    return f"M{cx - r:.2f} {cy:.2f}L{cx:.2f} {cy - r:.2f}L{cx + r:.2f} {cy:.2f}L{cx:.2f} {cy + r:.2f}Z"


def _svg(body: str, width: float = WIDTH, height: float = HEIGHT) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    ).encode()


def _rect(x: float, y: float, w: float, h: float, attributes: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" {attributes}/>'


def _ring(columns: int, rows: int) -> list[tuple[int, int]]:
    """The tiles along the edge of a sheet of tiles."""
    return [
        (column, row)
        for row in range(rows)
        for column in range(columns)
        if row in {0, rows - 1} or column in {0, columns - 1}
    ]


def _ring_paths(size: float, columns: int, rows: int, width: float, height: float) -> tuple[str, str, str]:
    """Petals, seeds and corner diamonds of a frame of tiles in the middle of the sheet."""
    left, top = (width - size * columns) / 2, (height - size * rows) / 2
    middles = [(left + (c + 0.5) * size, top + (r + 0.5) * size) for c, r in _ring(columns, rows)]
    corners = {(x + dx * size / 2, y + dy * size / 2) for x, y in middles for dx, dy in _QUARTERS}
    return (
        "".join(_flower(x, y, size) for x, y in middles),
        "".join(_seeds(x, y, size) for x, y in middles),
        "".join(_diamond(x, y, size * 0.05) for x, y in sorted(corners)),
    )


@cache
def attendance(orientation: str = "landscape", accent: str = GREEN) -> bytes:
    """A light frame: kawung in gold line between hairlines of green."""
    width, height = _sheet(orientation)
    size, (columns, rows) = 7, (40, 28) if width > height else (28, 40)
    petals, seeds, _corners = _ring_paths(size, columns, rows, width, height)
    w, h = size * columns, size * rows
    x, y = (width - w) / 2, (height - h) / 2
    line = f'fill="none" stroke="{accent}"'
    return _svg(
        f'<path d="{petals}" fill="#fbf5e4" stroke="{GOLD}" stroke-width=".22"/>'
        f'<path d="{seeds}" fill="none" stroke="{GOLD}" stroke-width=".28" stroke-linecap="round"/>'
        + _rect(x - 1.1, y - 1.1, w + 2.2, h + 2.2, f'{line} stroke-width=".8"')
        + _rect(x + size + 0.9, y + size + 0.9, w - 2 * size - 1.8, h - 2 * size - 1.8, f'{line} stroke-width=".3"'),
        width, height,
    )  # fmt: skip


@cache
def speaker(orientation: str = "landscape", accent: str = GREEN) -> bytes:
    """A panel of deep green with kawung in gold along the left, closed by a gold line; the rest is paper."""
    width, height = _sheet(orientation)
    size, (columns, rows) = 12, (3, 18) if width > height else (2, 25)
    panel, top = size * columns, (height - size * rows) / 2
    middles = [((c + 0.5) * size, top + (r + 0.5) * size) for c in range(columns) for r in range(rows)]
    petals = "".join(_flower(x, y, size) for x, y in middles)
    seeds = "".join(_seeds(x, y, size) for x, y in middles)
    return _svg(
        _rect(0, 0, panel, height, f'fill="{accent}"')
        + f'<path d="{petals}" fill="{_lighter(accent)}" stroke="{PALE_GOLD}" stroke-width=".26"/>'
        f'<path d="{seeds}" fill="none" stroke="{PALE_GOLD}" stroke-width=".4" stroke-linecap="round"/>'
        + _rect(panel, 0, 1.6, height, f'fill="{GOLD}"')
        + _rect(panel + 2.6, 0, 0.35, height, f'fill="{GOLD}"'),
        width, height,
    )  # fmt: skip


@cache
def award(orientation: str = "landscape", accent: str = GREEN) -> bytes:
    """A full frame: gold kawung on deep green, gold lines, and flowers in the inner corners."""
    width, height = _sheet(orientation)
    size, (columns, rows) = 8, (35, 24) if width > height else (24, 35)
    petals, seeds, corners = _ring_paths(size, columns, rows, width, height)
    w, h = size * columns, size * rows
    x, y = (width - w) / 2, (height - h) / 2
    inner = (x + size, y + size, w - 2 * size, h - 2 * size)
    ix, iy, iw, ih = inner
    gold = f'fill="none" stroke="{GOLD}"'
    flowers = "".join(
        _flower(cx, cy, 10)
        for cx, cy in ((ix + 9, iy + 9), (ix + iw - 9, iy + 9), (ix + 9, iy + ih - 9), (ix + iw - 9, iy + ih - 9))
    )
    return _svg(
        _rect(x - 1, y - 1, w + 2, h + 2, f'fill="{accent}"')
        + _rect(*inner, 'fill="#fffefb"')
        + f'<path d="{petals}" fill="{PALE_GOLD}"/>'
        f'<path d="{seeds}" fill="none" stroke="{accent}" stroke-width=".34" stroke-linecap="round"/>'
        f'<path d="{corners}" fill="{PALE_GOLD}"/>'
        + _rect(x - 2.4, y - 2.4, w + 4.8, h + 4.8, f'{gold} stroke-width=".5"')
        + _rect(ix + 1.4, iy + 1.4, iw - 2.8, ih - 2.8, f'{gold} stroke-width=".9"')
        + _rect(ix + 3, iy + 3, iw - 6, ih - 6, f'{gold} stroke-width=".25"')
        + f'<path d="{flowers}" fill="#fbf3dc" stroke="{GOLD}" stroke-width=".25"/>',
        width, height,
    )  # fmt: skip


@cache
def divider() -> bytes:
    """A short gold rule with one flower in its middle; 60 x 6."""
    line = f'stroke="{GOLD}" stroke-width=".35" fill="none"'
    return _svg(
        f'<path d="M0 3H25M35 3H60" {line}/><path d="{_flower(30, 3, 6)}" fill="{GOLD}"/>'
        f'<path d="{_diamond(26.2, 3, 0.6)}{_diamond(33.8, 3, 0.6)}" fill="{GOLD}"/>',
        60, 6,
    )  # fmt: skip


@cache
def rosette(accent: str = GREEN) -> bytes:
    """A gold rosette with two ribbons: an honor, not a seal; 40 x 52."""
    petals = ""
    count, outer, inner = 36, 18.6, 16.6
    points = []
    for n in range(2 * count):
        radius = outer if n % 2 == 0 else inner
        angle = pi * n / count
        points.append(f"{20 + radius * sin(angle):.2f} {20 - radius * cos(angle):.2f}")
    star = "M" + "L".join(points) + "Z"
    for n in range(12):
        angle = 2 * pi * n / 12
        petals += _leaf(20, 20, angle, 8.2, 12.6, 1.9)
    return _svg(
        f'<path d="M12 30L7 50L13 47.2L16.4 51.6L20.4 33Z" fill="{accent}"/>'
        f'<path d="M28 30L33 50L27 47.2L23.6 51.6L19.6 33Z" fill="{_lighter(accent)}"/>'
        f'<path d="{star}" fill="{GOLD}"/>'
        f'<circle cx="20" cy="20" r="15.4" fill="{PALE_GOLD}"/>'
        f'<circle cx="20" cy="20" r="14.2" fill="none" stroke="{GOLD}" stroke-width=".4"/>'
        f'<path d="{petals}" fill="{GOLD}"/>'
        f'<circle cx="20" cy="20" r="7.4" fill="#fdf7e6" stroke="{GOLD}" stroke-width=".5"/>'
        f'<path d="{_flower(20, 20, 11)}" fill="{accent}"/>'
        f'<path d="{_diamond(20, 20, 0.75)}" fill="{GOLD}"/>',
        40, 52,
    )  # fmt: skip


def _leaf(cx: float, cy: float, angle: float, start: float, end: float, half: float) -> str:
    """A pointed leaf that stands on a circle around (cx, cy)."""

    def at(radius: float, side: float) -> str:
        return f"{cx + radius * sin(angle) + side * cos(angle):.2f} {cy - radius * cos(angle) + side * sin(angle):.2f}"

    middle = (start + end) / 2
    return f"M{at(start, 0)}Q{at(middle, half)} {at(end, 0)}Q{at(middle, -half)} {at(start, 0)}Z"
