"""The steps of a sequence as a row of buttons: what the network reads at each, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets

from ...objectives import ClassScore, Objective
from ...probe import Probe
from ..core.answer_view import AnswerView
from ..core.elements import box, button, css_text, mark, style_child, title
from ..core.predictions import Predictions, percent

MOST_STEPS = 64


class StepsView(AnswerView):
    """A button a step; a click explains the class that wins there.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    choose, redraw : callable
        As for `AnswerView`.

    Attributes
    ----------
    steps : list of Button
        The steps in order, at most `MOST_STEPS`.
    """

    def __init__(
        self,
        uid: str,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        redraw: Callable[[], None],
    ) -> None:
        super().__init__(choose, redraw)
        self._uid, self._probe = uid, probe
        self.steps: list[widgets.Button] = []
        self._best: list[int] = []
        self._style = style_child()
        self._row = box(widgets.HBox, "cv-steps")
        self.beside = (box(widgets.VBox, "cv-sec", title("Steps", "click one"), self._style, self._row),)

    def learn(self, said: Predictions) -> None:
        """Write what wins at each step."""
        super().learn(said)
        if said.output is None:
            return
        chances = said.output[:MOST_STEPS]
        self._best = [int(k) for k in chances.argmax(axis=-1)]
        if len(self.steps) != len(self._best):
            self.steps = [
                button("", f"cv-step cv-s{k}", "", partial(self._clicked, k)) for k in range(len(self._best))
            ]
            self._row.children = self.steps
        rules = []
        for k, (made, best) in enumerate(zip(self.steps, self._best, strict=True)):
            name, chance = self._probe.label(best), percent(float(chances[k, best]))
            made.description = name.removeprefix("class ")
            made.tooltip = f"Step {k}: {name}, {chance}"
            rules.append(f".{self._uid} .cv-s{k} {{ --t: {css_text(chance)}; }}")
        self._style.value = f"<style>{''.join(rules)}</style>"

    def mark(self, target: Objective | None) -> None:
        """Show which step is explained."""
        at = target.at if isinstance(target, ClassScore) else None
        mark(self.steps, at if isinstance(at, int) else None)

    def _clicked(self, step: int) -> None:
        self.choose(ClassScore(self._best[step], at=step))
