"""The checks of the map that is on the screen, run on request, each with its small plot and its sentence."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from ...errors import CnnvizError, ModelError
from ...explanation import Explanation
from ...jobs import Job, worker
from ...probe import Probe
from ...session import one_sentence
from ...trust import RandomisedCopy, Trust, TrustOptions, check
from ...trust.checks import CHECKS
from ...trust.curves import Curve
from ...trust.finding import Finding
from ...trust.maps import checkable
from ...trust.randomised import Randomised
from ..controls.form import control
from ..core.elements import LEVER_LABEL_WIDTH, box, button, part, row, shown
from .state import ExplorerHost

if TYPE_CHECKING:
    pass

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


TITLES = {
    "deletion": "Deleting what is warm",
    "insertion": "Inserting what is warm",
    "randomised": "Shuffling what was learnt",
    "completeness": "Adding up",
    "flat": "Flat",
    "saturation": "Which score",
}
FILLS = ("deletion", "insertion")  # the settings that say with what
SHOWN = ("deletion", "insertion", "randomised", "completeness", "saturation", "flat")


class TrustPanel:
    """A button, and the panel that it opens: what is filled in, and what was found.

    Parameters
    ----------
    host : ExplorerHost
        The Explorer whose map is checked.

    Attributes
    ----------
    trust : Trust or None
        What is known so far of the map on the screen.
    fills : dict of str to ToggleButtons
        What deleted places are filled with, and what places are inserted into.
    """

    def __init__(self, host: ExplorerHost) -> None:
        self._host = host
        self.button = button(
            "", "cv-cancel cv-check", "Curves and shuffled weights, in the background", self.toggle
        )
        self._options, specs = TrustOptions(), TrustOptions.specs()
        self.fills: dict[str, Any] = {n: control(specs[n], getattr(self._options, n)) for n in FILLS}
        lines = [row(specs[n].label, self.fills[n], LEVER_LABEL_WIDTH, specs[n].help) for n in FILLS]
        for name, made in self.fills.items():
            made.observe(lambda change, name=name: self._refill(name, change["new"]), "value")
        self._fills = box(widgets.HBox, "cv-fills", *lines)
        self.panel = part(widgets.HTML)
        self.widget = box(widgets.VBox, "", self._fills, self.panel)
        self.trust: Trust | None = None
        self._copy: RandomisedCopy | None = None
        self._running = False
        self._mark()

    def toggle(self) -> None:
        """Check the map on the screen, or stop checking it; returns at once."""
        if self._running:
            self.cancel()
            return
        with self._host.lock:
            self.trust = None
            self._begin(CHECKS)

    def _begin(self, checks: Sequence[str]) -> None:
        """Check the map on the screen; what other checks found of it before stays."""
        try:
            explanation = checkable(self._host.explanation)
        except CnnvizError as error:
            self._host.refuse(error)
            return
        self._running, before = True, self.trust
        self._mark("Checking.")
        worker.submit(self, lambda job: self._work(job, explanation, checks, before), urgent=False)

    def _refill(self, name: str, fill: str) -> None:
        """Check anew what a fill changes."""
        with self._host.lock:
            self._options = self._options.replace(**{name: fill})
            finished = not self._running and self.trust is not None and self.trust.done == 1
            if not finished:
                self.trust = None
            self._begin((name,) if finished else CHECKS)

    def turn_to(self, _: Probe) -> None:
        """Forget the copy of another slice's probe."""
        self.cancel()
        self._copy = None

    def cancel(self) -> None:
        """Stop checking; what was found so far stays."""
        worker.cancel(self)
        with self._host.lock:
            if self._running:
                self._running = False
                self._mark("Stopped.")

    def follow(self, explanation: Explanation | None, *, current: bool) -> None:
        """Forget what was found of another map; offer to check this one if it can be, once it is what was asked for."""
        self.button.disabled = not current
        if self.trust is not None and self.trust.explanation is not explanation:
            self.trust = None
        try:
            checkable(explanation)
            offered = True
        except CnnvizError:
            offered = False
        shown(self.button, offered)
        self._mark()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the checks are done; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout)

    def _work(self, job: Job, explanation: Explanation, checks: Sequence[str], before: Trust | None) -> None:
        said = ""
        fills = {name: getattr(self._options, name) for name in FILLS}
        try:
            copy = self._shuffled() if "randomised" in checks else None
            for trust in check(self._host.probe, explanation, checks, copy=copy, **fills):
                if job.cancelled:
                    return
                self._publish(job, _joined(before, trust))
        except Exception as error:
            said = one_sentence(error)
        with self._host.lock:
            if not job.cancelled:
                self._running = False
                self._mark(said)

    def _shuffled(self) -> RandomisedCopy | None:
        """Return the copy whose weights are shuffled, kept for the next map; None if the check has to say why not."""
        if self._copy is None:
            try:
                self._copy = RandomisedCopy(self._host.probe, TrustOptions().seed)
            except ModelError:
                return None
        return self._copy

    def _publish(self, job: Job, trust: Trust) -> None:
        with self._host.lock:
            if not job.cancelled and not self._host.closed:
                self.trust = trust
                self._mark(f"Checking: {trust.progress}." if trust.progress else "")

    def _mark(self, said: str = "") -> None:
        """Show what is known, and what the button does."""
        self.button.description = "Stop checking" if self._running else "Check this map"
        shown(self._fills, self._running or self.trust is not None)
        cards = "" if self.trust is None else panel(self.trust)
        status = f'<div class="cv-checking" role="status">{html.escape(said)}</div>' if said else ""
        value = f'<div class="cv-trust">{status}{cards}</div>' if status or cards else ""
        if self.panel.value != value:
            self.panel.value = value


def _joined(before: Trust | None, trust: Trust) -> Trust:
    """Return what is found now, with what other checks of the same map found before."""
    if before is None:
        return trust
    now: dict[str, Any] = dict(trust.findings)
    return dataclasses.replace(before, options=trust.options, done=trust.done, progress=trust.progress, **now)


def panel(trust: Trust) -> str:
    """Return the findings as HTML, a card each, those with plots first."""
    found = trust.findings
    cards = (_card(name, found[name]) for name in SHOWN if name in found)
    return f'<div class="cv-cards">{"".join(cards)}</div>'


def _card(name: str, finding: Finding) -> str:
    plot = ""
    if not finding.reason and isinstance(finding, Curve):
        plot = curve_plot(finding)
    elif not finding.reason and isinstance(finding, Randomised) and not np.isnan(finding.alike).all():
        plot = cascade_plot(finding)
    silent = finding.reason and name in ("completeness", "flat")  # to have no such law is no news
    if silent or not (plot or finding.words):
        return ""
    return (
        f'<section class="cv-card"><h4>{TITLES[name]}</h4>{plot}<p>{html.escape(finding.words)}</p></section>'
    )
