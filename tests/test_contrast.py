"""Every text color of the stylesheets is readable on the backgrounds it is used on, in both schemes (WCAG 2.2 AA)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent / "static" / "css"
SURFACES = ("paper", "surface", "sunken")

TEXT = [  # 4.5:1
    *((text, surface) for text in ("ink", "ink-soft", "action", "action-hover") for surface in SURFACES),
    *((text, surface) for text in ("gold", "danger", "amber") for surface in ("paper", "surface")),
    ("ink", "leaf-tint"),
    ("ink-soft", "leaf-tint"),
    ("action", "leaf-tint"),
    ("danger", "danger-tint"),
    ("on-leaf-tint", "leaf-tint"),
    ("on-gold-tint", "gold-tint"),
    ("on-danger-tint", "danger-tint"),
    ("on-amber-tint", "amber-tint"),
    ("on-action", "action-fill"),
    ("on-action", "action-fill-hover"),
    ("on-danger", "danger-fill"),
    ("on-danger", "danger-fill-hover"),
    ("on-gold", "gold-fill"),
    ("on-amber", "amber-fill"),
    ("on-panel", "good-panel"),
    ("on-panel", "danger-panel"),
    ("paper", "ink"),
    ("on-ok", "ok-fill"),
    ("on-wait", "wait-fill"),
    ("on-stop", "stop-fill"),
]
SHAPES = [  # 3:1: borders of fields, focus rings, bars of a chart
    *((shape, surface) for shape in ("line-strong", "focus") for surface in SURFACES),
    ("bar", "surface"),
    ("bar", "bar-track"),
    ("danger", "surface"),
]


def _properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", text))


def _schemes() -> dict[str, dict[str, str]]:
    base = (CSS / "base.css").read_text()
    light_block, dark_block = base.split("@layer reset {")[0].split("@media (prefers-color-scheme: dark)")
    light = _properties(light_block) | _properties((CSS / "tablet.css").read_text())
    return {"light": light, "dark": light | _properties(dark_block)}


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(first: str, second: str) -> float:
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_colors_are_told_apart(scheme, pairs, least):
    colors = _schemes()[scheme]
    weak = {
        f"--{front} on --{back}": round(_ratio(colors[front], colors[back]), 2)
        for front, back in pairs
        if _ratio(colors[front], colors[back]) < least
    }
    assert not weak
