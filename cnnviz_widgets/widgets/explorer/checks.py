"""The checks of the map that is on the screen, run on request, each with its plot and its sentence."""

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
from ..controls import control
from ..parts import LEVER_LABEL_WIDTH, box, button, part, row, shown
from .plots import cascade_plot, curve_plot

if TYPE_CHECKING:
    from .explorer import Explorer

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


class Checks:
    """A button, and the panel that it opens: what is filled in, and what was found.

    Parameters
    ----------
    explorer : Explorer
        Whose map is checked.

    Attributes
    ----------
    trust : Trust or None
        What is known so far of the map on the screen.
    fills : dict of str to ToggleButtons
        What deleted places are filled with, and what places are inserted into.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
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
        with self._explorer._lock:
            self.trust = None
            self._begin(CHECKS)

    def _begin(self, checks: Sequence[str]) -> None:
        """Check the map on the screen; what other checks found of it before stays."""
        try:
            explanation = checkable(self._explorer.explanation)
        except CnnvizError as error:
            self._explorer.session.refuse(error)
            return
        self._running, before = True, self.trust
        self._mark("Checking.")
        worker.submit(self, lambda job: self._work(job, explanation, checks, before), urgent=False)

    def _refill(self, name: str, fill: str) -> None:
        """Check anew what a fill changes."""
        with self._explorer._lock:
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
        with self._explorer._lock:
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
            for trust in check(self._explorer.probe, explanation, checks, copy=copy, **fills):
                if job.cancelled:
                    return
                self._publish(job, _joined(before, trust))
        except Exception as error:
            said = one_sentence(error)
        with self._explorer._lock:
            if not job.cancelled:
                self._running = False
                self._mark(said)

    def _shuffled(self) -> RandomisedCopy | None:
        """Return the copy whose weights are shuffled, kept for the next map; None if the check has to say why not."""
        if self._copy is None:
            try:
                self._copy = RandomisedCopy(self._explorer.probe, TrustOptions().seed)
            except ModelError:
                return None
        return self._copy

    def _publish(self, job: Job, trust: Trust) -> None:
        with self._explorer._lock:
            if not job.cancelled and not self._explorer._closed:
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
