"""What a kind of answer adds to the Explorer: a part beside the picture, marks on it, and what a click on it means."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ...explanation import Explanation, Mark
from ...images.image import Image
from ...method import Method
from ...objectives import Objective
from ...probe import Probe
from ..canvas import Scene
from .predictions import Predictions

Area = tuple[float, float, float, float]


class AnswerView:
    """The view of an answer that needs no more than bars; others derive from it.

    Every call comes with the Explorer's lock held.

    Parameters
    ----------
    choose : callable
        Called with the objective that the reader picks, or None for the natural one.
    redraw : callable
        Called with nothing when the marks on the picture change.

    Attributes
    ----------
    beside : tuple of widgets
        What stands beside the picture, under what the network says.
    under_style : tuple of widgets
        What stands among the controls of the style.
    chips : bool
        Whether it names what is explained itself.
    """

    chips = False
    _probe: Probe

    def __init__(self, choose: Callable[[Objective | None], None], redraw: Callable[[], None]) -> None:
        self.choose, self.redraw = choose, redraw
        self.beside: tuple[widgets.Widget, ...] = ()
        self.under_style: tuple[widgets.Widget, ...] = ()
        self.said: Predictions | None = None

    def turn_to(self, probe: Probe) -> None:
        """Ask another probe from now on: that of another slice of the same volume."""
        self._probe = probe

    def learn(self, said: Predictions) -> None:
        """Take over what the network says of the picture."""
        self.said = said

    def about(self, explanation: Explanation) -> bool:
        """Return whether what is known of the answer belongs to the picture of an explanation."""
        return self.said is not None and self.said.image == explanation.image

    def mark(self, target: Objective | None) -> None:
        """Show which target is explained."""

    def prepare(self, recipe: Method, image: Image) -> None:
        """On the worker, without the lock: find out what is to be known with the answer of a method."""

    def lever(self, kind: type[Method]) -> widgets.Widget | None:
        """Return what stands under the picture in the place of a method's form; None for the form."""
        return None

    def follow(self, recipe: Method) -> None:
        """Show what belongs to the method whose answer is on the screen."""

    def clicked(self, explanation: Explanation, region: str, x: float, y: float) -> bool:
        """Do what a click means that picks no target; return whether it means anything."""
        return False

    def wanted(self, mark: Mark) -> bool:
        """Return whether a mark of the explanation is to be seen, on the screen and where it is saved."""
        return True

    def dress(self, explanation: Explanation, scene: Scene) -> Scene:
        """Return the scene with the marks that belong to the answer."""
        return scene

    def target_at(self, region: str, x: float, y: float) -> Objective | None:
        """Return what a click at a place of the hero or a tile explains; None if it means nothing."""
        return None

    def target_in(self, region: str, area: Area) -> Objective | None:
        """Return what a drawn rectangle explains; None if it means nothing."""
        return None

    def text_at(self, region: str, x: float, y: float) -> str | None:
        """Return what is under the mouse in words; None if that is not for this view to say."""
        return None
