"""The form under the picture, and what its settings will cost."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from ...errors import CnnvizError
from ...image import Image
from ...settings import Spec
from .. import wording
from ..controls import Form

if TYPE_CHECKING:
    from .explorer import Explorer


class Lever:
    """Keeps an Explorer's form in step with its method and picture.

    Parameters
    ----------
    explorer : Explorer
        Whose form it is.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer, self._desk = explorer, explorer._desk
        self._key: Any = None
        self._seconds: dict[type, float] = {}

    def rebuild(self) -> None:
        """Build the form of the method for the picture's size, unless it stands there already."""
        explorer = self._explorer
        try:
            image = explorer.probe.fit(explorer.images[explorer.image])
        except CnnvizError:  # the session says what is wrong; the controls stay as they are
            return
        try:
            ready = explorer.recipe.fitted(image)
        except CnnvizError:  # the same; they show what they stand at
            ready = explorer.recipe
        key, form = (type(ready), image.size), self._desk.form
        if self._desk.put_own(type(ready)):
            self._key = None
            return
        if form is None or key != self._key:
            ends = {name: _end(spec, image) for name, spec in ready.specs().items()}
            form = Form(ready, explorer.change_setting, {n: e for n, e in ends.items() if e is not None})
            self._desk.put_form(form, type(ready).by_layer)
            self._key = key
        form.put(ready)
        self.forecast()

    def learn(self) -> None:
        """Note how long the present method took a picture, if it has just run the network to the end."""
        session = self._explorer.session
        recipe, image = session.explanation.recipe, session.explanation.image
        pictures = recipe.cost(self._explorer.probe, image)
        if session.calls and pictures and session.explanation.done == 1:
            self._seconds[type(recipe)] = session.seconds / pictures

    def forecast(self) -> None:
        """Say what the settings will cost, by what the method took before, else by what a picture took."""
        explorer, text = self._explorer, ""
        try:
            image = explorer.probe.fit(explorer.images[explorer.image])
            passes = explorer.recipe.cost(explorer.probe, image)
            each = self._seconds.get(type(explorer.recipe), explorer.probe.seconds_per_image)
            text = wording.forecast(passes, each)
        except CnnvizError:
            pass
        value = f'<div class="cv-cost">{html.escape(text)}</div>' if text else ""
        if self._desk.cost.value != value:
            self._desk.cost.value = value


def _end(spec: Spec, image: Image) -> float | None:
    """Return where the picture ends a slider: what is measured in pixels cannot exceed it."""
    return min(image.size) if spec.unit == "px" else None
