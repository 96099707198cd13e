"""Keeps what an Explorer shows in step with what its session knows."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from ...errors import CnnvizError
from ...explanation import ActivationMaps, ColourMap, Explanation, Kernels, LabelMap
from ...images.image import Image
from ...method import Method, named
from ...objectives import ClassScore, Objective, as_objective, words
from ...settings import Spec
from ...style import Style
from ..controls.form import Form
from ..core import text as core_text
from ..core.elements import square
from ..core.explanation_canvas import Stage
from ..core.predictions import said, step_of
from ..core.status import StatusLine
from .attention_view import OWN_LAYER
from .history import Moment

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
            text = core_text.forecast(passes, each)
        except CnnvizError:
            pass
        value = f'<div class="cv-cost">{html.escape(text)}</div>' if text else ""
        if self._desk.cost.value != value:
            self._desk.cost.value = value


def _end(spec: Spec, image: Image) -> float | None:
    """Return where the picture ends a slider: what is measured in pixels cannot exceed it."""
    return min(image.size) if spec.unit == "px" else None


THUMBNAIL = 80


class Screen:
    """The picture, the sentence and the marks on the controls.

    Every call comes with the Explorer's lock held, or takes it.

    Parameters
    ----------
    explorer : Explorer
        Whose screen it is.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._desk = explorer._desk
        self.stage = Stage(
            explorer._view, self._desk.footer.hover, self._pick, self._desk.answers, explorer._lock
        )
        self._status = StatusLine(explorer, self._sentence, self._asked)
        self._same_scale = False
        self._lever = Lever(explorer)
        self.rebuild()

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the Explorer's traits."""
        explorer = self._explorer
        kind = named(explorer.method)
        self._desk.chooser.mark(explorer.method)
        self._desk.strip.mark(explorer.image)
        if explorer.layer:
            self._desk.depth.mark(explorer.layer)
        if self._desk.slices is not None:
            self._desk.slices.put(explorer.slice_index)
        self._desk.style.put(explorer.style)
        self._read(kind)
        self._lever.rebuild()

    def _read(self, kind: type[Method], remarks: tuple[str, ...] = ()) -> None:
        """Say how to read what is shown, and what to mind."""
        value = core_text.how_to_read(kind, core_text.paper_link(kind.source), remarks)
        if self._desk.read.value != value:
            self._desk.read.value = value

    def restyle(self, style: Style, moving: bool) -> None:
        """Draw in a new style; while a slider moves, nothing is remembered for undo."""
        explorer = self._explorer
        with explorer._lock:
            with explorer._quietly():
                explorer.style = style
            self.redraw()
            if not moving:
                self._settled()

    def refit(self) -> None:
        """Bring the form in line with the settings, and say what they will cost."""
        self._lever.rebuild()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        explorer = self._explorer
        if explorer.explanation is None:
            return
        self.stage.show(explorer.explanation, self._drawn_style())
        self._desk.style.put(explorer.style)
        if explorer.session.state == "idle":
            self._status.say_shown()
            explorer._film.develop(explorer.explanation, explorer.style)

    def same_scale(self, wanted: bool) -> None:
        """Draw all layers on one scale, or each on its own."""
        with self._explorer._lock:
            self._same_scale = wanted
            self.redraw()

    def turn(self, by: int) -> None:
        """Turn the pages of a collage."""
        with self._explorer._lock:
            self.stage.page = min(max(self.stage.page + by, 0), self.stage.pages - 1)
            self.redraw()
            self._desk.footer.pages(self.stage.page, self.stage.pages)

    def _pick(self, target: Objective) -> None:
        try:
            self._explorer.target = target
        except CnnvizError as error:
            self._explorer.session.refuse(error)

    def _drawn_style(self) -> Style:
        peak = self._explorer._film.peak() if self._same_scale else None
        return self._explorer.style.replace(limit=peak) if peak else self._explorer.style

    # what the session answered

    def read_verdict(self, image: Image) -> None:
        """On the worker: find out what the network says, and draw the bars."""
        explorer, target = self._explorer, self._explorer.target
        if target is None:
            target = explorer.probe.natural_target(image)
        found = said(explorer.probe, image, step_of(target))
        for answer in self._desk.answers:
            answer.prepare(explorer.recipe, image)
        with explorer._lock:
            if not explorer._closed:
                self._desk.verdict.put(found.rows, found.kind, found.below)
                for answer in self._desk.answers:
                    answer.learn(found)

    def update(self, what: str) -> None:
        """Show what has changed: the explanation, the state or the question."""
        explorer, session = self._explorer, self._explorer.session
        if what == "explanation" and session.explanation is not None:
            explanation = session.explanation
            explorer.set_trait("explanation", explanation)
            self._mark(explanation)
            self.stage.show(explanation, self._drawn_style())
            self._suit(explanation)
            self._desk.footer.pages(self.stage.page, self.stage.pages)
            self._desk.dreams.button.disabled = explorer.explained() is None
            picture = explorer.images[explorer.image]
            self._desk.verdict.caution(core_text.caution(explorer.probe, picture))
            self._read(type(explanation.recipe), core_text.remarks(explorer.probe, picture, explanation))
        if session.state == "error" and self.stage.explanation is None:
            self.stage.show_picture(explorer.images[explorer.image])
        self._status.follow()
        self._desk.checks.follow(session.explanation, current=session.fresh and session.state == "idle")
        if what == "state" and session.state == "idle" and session.fresh:
            self._desk.refresh_code()
            self._lever.learn()
            self._lever.forecast()
            self._settled()
            explorer._film.develop(session.explanation, explorer.style)

    def _suit(self, explanation: Explanation) -> None:
        """Offer of the style what an explanation is drawn by."""
        self._desk.style.suit(
            signed=getattr(explanation, "signed", False),
            blended=not isinstance(explanation, ActivationMaps),
            coloured=not isinstance(explanation, Kernels | ColourMap | LabelMap),
        )

    def close(self) -> None:
        """End what waits to be said."""
        self._status.close()

    def _mark(self, explanation: Any) -> None:
        """Show on the controls what the method chose for itself: target and layer."""
        explorer = self._explorer
        self.mark_target(as_objective(getattr(explanation.recipe, "target", None)))
        for answer in self._desk.answers:
            answer.follow(explanation.recipe)
        layer = getattr(explanation, "layer", "")
        if layer and "layer" in explanation.recipe.specs() and explanation.recipe.label not in OWN_LAYER:
            with explorer._quietly():
                explorer.layer = layer
            self._desk.depth.mark(layer)

    def mark_target(self, target: Objective | None) -> None:
        """Show on the controls what is explained."""
        own = isinstance(target, ClassScore) and any(answer.chips for answer in self._desk.answers)
        self._desk.verdict.mark(target, chip=not own)
        for answer in self._desk.answers:
            answer.mark(target)

    def _sentence(self, explanation: Explanation) -> str:
        flat = self.stage.panels.flat if self.stage.panels else ""
        return core_text.shown_sentence(self.stage.kept(explanation), self._explorer.style, flat)

    def _asked(self) -> tuple[str, str]:
        explorer = self._explorer
        return explorer.method, words(explorer.target, explorer.probe.labels) if explorer.target else ""

    def _settled(self) -> None:
        """Remember the moment for undo."""
        explorer = self._explorer
        if explorer.explanation is None or self.stage.panels is None or not explorer.session.fresh:
            return
        thumbnail = square(self.stage.panels.hero, THUMBNAIL)
        self._desk.note(
            Moment(
                explorer.image, explorer.explanation.recipe, explorer.style, thumbnail, explorer.slice_index
            )
        )
