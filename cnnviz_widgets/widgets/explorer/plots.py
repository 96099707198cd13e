"""Small line plots as SVG that takes the page's colours: the curves of deletion and insertion, and the cascade."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from ...trust.curves import Curve
from ...trust.randomised import Randomised

WIDTH, HEIGHT = 280, 110
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 8, 18


def curve_plot(curve: Curve) -> str:
    """Return deletion or insertion as SVG: the map's order in the accent colour, random orders grey.

    A probability has the axis from 0 to 1; a score brought to 0 and 1 at its ends may reach beyond them.
    """
    known = np.concatenate([[0.0, 1.0], curve.values, curve.random.ravel()])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    whole = [row for row in curve.random if not np.isnan(row).any()]
    lines = [_line(curve.shares, row, low, high, "cv-random") for row in whole]
    lines.append(_line(curve.shares, curve.values, low, high, "cv-own"))
    done = "deleted" if curve.kind == "deletion" else "inserted"
    area = "" if curve.area is None else f"area {curve.area:.2f}, random {curve.random_area or 0:.2f}"
    return _svg(f"{curve.kind.capitalize()} curve: {area}", lines, (low, high), ("0 %", f"100 % {done}"))


def cascade_plot(found: Randomised) -> str:
    """Return how alike the map stays as layers are shuffled from the top, as SVG."""
    values = np.concatenate([[1.0], found.alike])
    places = np.arange(len(values)) / max(1, len(values) - 1)
    low, high = min(0.0, float(np.nanmin(values))), 1.0
    lines = [_line(places, values, low, high, "cv-own"), *_dots(places, values, found, low, high)]
    return _svg(
        f"Rank correlation with the map as it was, over {len(found.layers)} steps of shuffling", lines,
        (low, high), ("none", f"all {found.shuffled[-1] if found.shuffled else ''} layers shuffled"),
    )  # fmt: skip


def _dots(places: np.ndarray, values: np.ndarray, found: Randomised, low: float, high: float) -> list[str]:
    """Return a dot a step that names its layer under the mouse."""
    dots = []
    for place, value, layer, count in zip(places[1:], values[1:], found.layers, found.shuffled, strict=True):
        if not np.isnan(value):
            x, y = _at(place, value, low, high)
            tip = html.escape(f"{count} shuffled, down to {layer}: {value:.2f}")
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{tip}</title></circle>')
    return dots


def _line(xs: np.ndarray, ys: np.ndarray, low: float, high: float, style: str) -> str:
    known = ~np.isnan(ys)
    points = (_at(x, y, low, high) for x, y in zip(xs[known], ys[known], strict=True))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{style}" points="{path}"/>'


def _at(x: float, y: float, low: float, high: float) -> tuple[float, float]:
    return LEFT + x * (WIDTH - LEFT - RIGHT), TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _svg(name: str, lines: Sequence[str], ends: tuple[float, float], below: tuple[str, str]) -> str:
    (low, high), right = ends, WIDTH - RIGHT
    marks = sorted({low, 0.0, 1.0, high})
    rules = "".join(_rule(value, low, high) for value in marks)
    words = (
        f'<text x="{LEFT}" y="{HEIGHT - 4}">{html.escape(below[0])}</text>'
        f'<text x="{right}" y="{HEIGHT - 4}" text-anchor="end">{html.escape(below[1])}</text>'
    )
    return (
        f'<svg class="cv-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(name)}">'
        f"{rules}{words}{''.join(lines)}</svg>"
    )


def _rule(value: float, low: float, high: float) -> str:
    _, y = _at(0, value, low, high)
    shown = f"{value:.0f}" if value in (0.0, 1.0) else f"{value:.1f}"
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">{shown}</text>'
    )
