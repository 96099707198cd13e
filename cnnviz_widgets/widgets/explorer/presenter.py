"""Keeps what an Explorer shows in step with what its session knows."""

from __future__ import annotations

import html
from typing import Any

from ...errors import CnnvizError
from ...explanation import ActivationMaps, ColourMap, Explanation, Kernels, LabelMap
from ...images.image import Image
from ...method import Method, named
from ...objectives import ClassScore, Objective, as_objective, words
from ...settings import Spec
from ...style import Style
from ..controls.form import Form
from ..controls.layer_picker import LayerFilm
from ..core import text as core_text
from ..core.elements import square
from ..core.explanation_canvas import ExplanationCanvas
from ..core.predictions import said, step_of
from ..core.status import StatusLine
from .attention_view import OWN_LAYER
from .history import Moment
from .state import ExplorerHost
from .view import ExplorerView


class FormPresenter:
    """Keeps an Explorer's form in step with its method and picture.

    Parameters
    ----------
    host : ExplorerHost
        The Explorer whose form it is.
    view : ExplorerView
        Its controls.
    """

    def __init__(self, host: ExplorerHost, view: ExplorerView) -> None:
        self._host, self._view = host, view
        self._key: Any = None
        self._seconds: dict[type, float] = {}

    def rebuild(self) -> None:
        """Build the form of the method for the picture's size, unless it stands there already."""
        host = self._host
        try:
            image = host.probe.fit(host.images[host.image])
        except CnnvizError:  # the session says what is wrong; the controls stay as they are
            return
        try:
            ready = host.recipe.fitted(image)
        except CnnvizError:  # the same; they show what they stand at
            ready = host.recipe
        key, form = (type(ready), image.size), self._view.form
        if self._view.put_own(type(ready)):
            self._key = None
            return
        if form is None or key != self._key:
            ends = {name: _end(spec, image) for name, spec in ready.specs().items()}
            form = Form(ready, host.change_setting, {n: e for n, e in ends.items() if e is not None})
            self._view.put_form(form, type(ready).by_layer)
            self._key = key
        form.put(ready)
        self.forecast()

    def learn(self) -> None:
        """Note how long the present method took a picture, if it has just run the network to the end."""
        session = self._host.session
        recipe, image = session.explanation.recipe, session.explanation.image
        pictures = recipe.cost(self._host.probe, image)
        if session.calls and pictures and session.explanation.done == 1:
            self._seconds[type(recipe)] = session.seconds / pictures

    def forecast(self) -> None:
        """Say what the settings will cost, by what the method took before, else by what a picture took."""
        host, text = self._host, ""
        try:
            image = host.probe.fit(host.images[host.image])
            passes = host.recipe.cost(host.probe, image)
            each = self._seconds.get(type(host.recipe), host.probe.seconds_per_image)
            text = core_text.forecast(passes, each)
        except CnnvizError:
            pass
        value = f'<div class="cv-cost">{html.escape(text)}</div>' if text else ""
        if self._view.cost.value != value:
            self._view.cost.value = value


def _end(spec: Spec, image: Image) -> float | None:
    """Return where the picture ends a slider: what is measured in pixels cannot exceed it."""
    return min(image.size) if spec.unit == "px" else None


THUMBNAIL = 80


class ExplorerPresenter:
    """The picture, the sentence and the marks on the controls.

    Every call comes with the Explorer's lock held, or takes it.

    Parameters
    ----------
    host : ExplorerHost
        The Explorer.
    view : ExplorerView
        Its controls.
    """

    def __init__(self, host: ExplorerHost, view: ExplorerView) -> None:
        self._host, self._view = host, view
        self.film = LayerFilm(host.probe, host.lock, view.depth)
        self.stage = ExplanationCanvas(
            host.canvas, self._view.footer.hover, self._pick, self._view.answers, host.lock
        )
        self._status = StatusLine(host, view.footer, self._sentence, self._asked)
        self._same_scale = False
        self._lever = FormPresenter(host, view)
        self.rebuild()

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the Explorer's traits."""
        host = self._host
        kind = named(host.method)
        self._view.chooser.mark(host.method)
        self._view.strip.mark(host.image)
        if host.layer:
            self._view.depth.mark(host.layer)
        if self._view.slices is not None:
            self._view.slices.put(host.slice_index)
        self._view.style.put(host.style)
        self._read(kind)
        self._lever.rebuild()

    def _read(self, kind: type[Method], remarks: tuple[str, ...] = ()) -> None:
        """Say how to read what is shown, and what to mind."""
        value = core_text.how_to_read(kind, core_text.paper_link(kind.source), remarks)
        if self._view.read.value != value:
            self._view.read.value = value

    def restyle(self, style: Style, moving: bool) -> None:
        """Draw in a new style; while a slider moves, nothing is remembered for undo."""
        host = self._host
        with host.lock:
            with host.quietly():
                host.style = style
            self.redraw()
            if not moving:
                self._settled()

    def refit(self) -> None:
        """Bring the form in line with the settings, and say what they will cost."""
        self._lever.rebuild()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        host = self._host
        if host.explanation is None:
            return
        self.stage.show(host.explanation, self._drawn_style())
        self._view.style.put(host.style)
        if host.session.state == "idle":
            self._status.say_shown()
            self.film.develop(host.explanation, host.style)

    def same_scale(self, wanted: bool) -> None:
        """Draw all layers on one scale, or each on its own."""
        with self._host.lock:
            self._same_scale = wanted
            self.redraw()

    def turn(self, by: int) -> None:
        """Turn the pages of a collage."""
        with self._host.lock:
            self.stage.page = min(max(self.stage.page + by, 0), self.stage.pages - 1)
            self.redraw()
            self._view.footer.pages(self.stage.page, self.stage.pages)

    def _pick(self, target: Objective) -> None:
        try:
            self._host.target = target
        except CnnvizError as error:
            self._host.refuse(error)

    def _drawn_style(self) -> Style:
        peak = self.film.peak() if self._same_scale else None
        return self._host.style.replace(limit=peak) if peak else self._host.style

    # what the session answered

    def read_verdict(self, image: Image) -> None:
        """On the worker: find out what the network says, and draw the bars."""
        host, target = self._host, self._host.target
        if target is None:
            target = host.probe.natural_target(image)
        found = said(host.probe, image, step_of(target))
        for answer in self._view.answers:
            answer.prepare(host.recipe, image)
        with host.lock:
            if not host.closed:
                self._view.verdict.put(found.rows, found.kind, found.below)
                for answer in self._view.answers:
                    answer.learn(found)

    def update(self, what: str) -> None:
        """Show what has changed: the explanation, the state or the question."""
        host, session = self._host, self._host.session
        if what == "explanation" and session.explanation is not None:
            explanation = session.explanation
            host.set_trait("explanation", explanation)
            self._mark(explanation)
            self.stage.show(explanation, self._drawn_style())
            self._suit(explanation)
            self._view.footer.pages(self.stage.page, self.stage.pages)
            self._view.dreams.button.disabled = host.explained() is None
            picture = host.images[host.image]
            self._view.verdict.caution(core_text.caution(host.probe, picture))
            self._read(type(explanation.recipe), core_text.remarks(host.probe, picture, explanation))
        if session.state == "error" and self.stage.explanation is None:
            self.stage.show_picture(host.images[host.image])
        self._status.follow()
        self._view.checks.follow(session.explanation, current=session.fresh and session.state == "idle")
        if what == "state" and session.state == "idle" and session.fresh:
            self._view.refresh_code()
            self._lever.learn()
            self._lever.forecast()
            self._settled()
            self.film.develop(session.explanation, host.style)

    def _suit(self, explanation: Explanation) -> None:
        """Offer of the style what an explanation is drawn by."""
        self._view.style.suit(
            signed=getattr(explanation, "signed", False),
            blended=not isinstance(explanation, ActivationMaps),
            coloured=not isinstance(explanation, Kernels | ColourMap | LabelMap),
        )

    def close(self) -> None:
        """End what waits to be said."""
        self._status.close()

    def _mark(self, explanation: Any) -> None:
        """Show on the controls what the method chose for itself: target and layer."""
        host = self._host
        self.mark_target(as_objective(getattr(explanation.recipe, "target", None)))
        for answer in self._view.answers:
            answer.follow(explanation.recipe)
        layer = getattr(explanation, "layer", "")
        if layer and "layer" in explanation.recipe.specs() and explanation.recipe.label not in OWN_LAYER:
            with host.quietly():
                host.layer = layer
            self._view.depth.mark(layer)

    def mark_target(self, target: Objective | None) -> None:
        """Show on the controls what is explained."""
        own = isinstance(target, ClassScore) and any(answer.chips for answer in self._view.answers)
        self._view.verdict.mark(target, chip=not own)
        for answer in self._view.answers:
            answer.mark(target)

    def _sentence(self, explanation: Explanation) -> str:
        flat = self.stage.panels.flat if self.stage.panels else ""
        return core_text.shown_sentence(self.stage.kept(explanation), self._host.style, flat)

    def _asked(self) -> tuple[str, str]:
        host = self._host
        return host.method, words(host.target, host.probe.labels) if host.target else ""

    def _settled(self) -> None:
        """Remember the moment for undo."""
        host = self._host
        if host.explanation is None or self.stage.panels is None or not host.session.fresh:
            return
        thumbnail = square(self.stage.panels.hero, THUMBNAIL)
        self._view.note(Moment(host.image, host.explanation.recipe, host.style, thumbnail, host.slice_index))
