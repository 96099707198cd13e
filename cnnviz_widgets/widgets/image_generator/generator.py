"""The image generator: pictures that a network dreams up, growing while one watches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import CnnvizError, ImageError
from ...explanation import NOISE, GeneratedImage
from ...export import save_film
from ...images.image import Image
from ...images.intake import loaded
from ...method import Method, generators, named
from ...methods._generated import PRESETS
from ...objectives import Mixture, Objective, Several
from ..core.exporting import made_with
from ..core.widget import PictureWidget, RootWidget, probe_of
from . import text as say
from .codegen import code_of
from .presenter import DREAM, GeneratorPresenter
from .run import GeneratorRun
from .session import GeneratorSession
from .state import GeneratorState
from .view import GeneratorView

REST_SECONDS = 0.3
FROM_THE_START = ("begin", "count", "space", "optimiser", "seed")  # settings that a climb begins with
MOST_NAME = 80  # letters of a file name


class ImageGenerator(PictureWidget, GeneratorState):
    """Watch a picture grow that raises a class, a channel or a layer; pause it, step back, go on, keep the film.

    Its traits are those of `GeneratorState`: method, target, layer, image, frame, explanation, progress, status and
    error. They can be observed and linked.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, or one picture, optional
        Photographs: to be dreamt on or matched, and to be compared with. Anything that `Image.load` opens.
    target : Objective, int, or a sequence of them, optional
        What is raised. A sequence makes a grid with a picture for each. If None the top class of the first photograph.
    method : str or Method
        A label such as ``"DeepDream"``, or a method with its settings; activation maximisation if None.
    layer : str, optional
        The layer that activation matching matches; the last one with maps if None.
    labels, preprocess, value_range, size, renderer, name
        As for `Explorer`.

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError, TargetError
        If what is given cannot be shown.
    """

    _talk = GeneratorSession
    session: GeneratorSession
    view: GeneratorView
    explanation: GeneratedImage | None

    def __init__(
        self,
        model: Any,
        images: Any = None,
        *,
        target: Objective | int | Sequence[Objective | int] | None = None,
        method: str | Method | None = None,
        layer: str | None = None,
        labels: Any = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, labels, preprocess, value_range)
        begun = method if isinstance(method, Method) else named(method or next(iter(generators())))()
        self.images: list[Image] = []
        if images is not None:
            self.images = loaded(images, 0, probe.input_shape[2], probe.labels)
        if self.images:  # unlike other widgets it does without
            probe.fit(self.images[0])
        self._settings: dict[str, Method] = {begun.label: begun}
        self._run = GeneratorRun(self)
        target = getattr(begun, "target", None) if target is None else target
        layer = layer or getattr(begun, "layer", None) or ""
        RootWidget.__init__(self, probe, None, size, renderer, method=begun.label, target=target, layer=layer)
        self.add_class("cv-generator")
        with self._looks.lent():
            self.view = GeneratorView(self)
            self.presenter = GeneratorPresenter(self, self.view, self._run)
        self._run.on_begin, self._run.on_cut = self.presenter.begin, self.presenter.cut
        self._run.shows = self.presenter.shows
        self.children = self.view.children
        self.session.observe(lambda _: self.live(self._answered, "said"), ["refused", "remark"])
        self._begin(name)

    # what is asked

    @property
    def recipe(self) -> Method:
        """The method with its settings as the controls stand; what is left to the preset stays open."""
        kind = named(self.method)
        recipe = self._settings.get(kind.label)
        if type(recipe) is not kind:  # not asked for yet, or registered anew
            recipe = self._settings[kind.label] = kind()
        target = self.target
        if isinstance(target, Several) and "count" not in kind.specs():
            target = Mixture(target.objectives)  # one picture raises them all
        changes = {"target": target, "layer": self.layer or None}
        return recipe.replace(**{name: value for name, value in changes.items() if name in kind.specs()})

    def ask(self, rest: float = 0.0) -> None:
        """Make the picture that the traits name, from the start; returns at once."""
        with self._lock:
            if not self.closed:
                self.presenter.stop()
                self._run.begin(rest)

    def change_setting(self, name: str, value: Any) -> None:
        """Change one setting of the present method, as its control would; while paused it holds from there on."""
        with self._lock:
            changes = {name: value}
            if name == "preset":
                changes |= dict.fromkeys(PRESETS[value])
            try:
                self._settings[self.method] = self.recipe.replace(**changes)
            except CnnvizError as error:
                self.session.refuse(error)
                self.presenter.rebuild()
                return
            waits = self.paused and hasattr(self.recipe, "go_on") and name not in FROM_THE_START
            self.presenter.rebuild()
            if waits:
                self.presenter.update("settings")
            else:
                self.ask(rest=REST_SECONDS)

    # the course of a climb

    @property
    def paused(self) -> bool:
        """Whether a climb waits to be gone on with."""
        return self._run.paused

    def pause(self) -> None:
        """Stop after the steps that are being made; the network is free, and `play` goes on from there."""
        self.cancel()

    def play(self) -> None:
        """Pause what runs; else go on with a climb that was paused, or show the film frame by frame."""
        with self._lock:
            if self.presenter.playing:
                self.presenter.stop()
            elif self.session.state == "computing":
                self.pause()
            elif self.paused and self.presenter.at_end:
                self._run.resume()
            elif len(self.presenter.reel) > 1:
                self.presenter.play()
            else:
                self.ask()

    def go_on(self) -> None:
        """Leave out the frames after the one that is shown, and climb on from there with the present settings."""
        with self._lock:
            self.presenter.stop()
            self._run.go_on()

    def dream(self) -> None:
        """Dream what is raised now into the photograph: DeepDream with the same target."""
        with self._lock:
            if not self.images:
                self.session.refuse(ImageError("There is no picture to dream on: open one above."))
                return
            raised = getattr(self.explanation.recipe, "target", None) if self.explanation else None
            known = self._settings.get(DREAM, named(DREAM)())
            self._settings[DREAM] = known.replace(begin="picture")
            with self.quietly():
                self.method, self.target = DREAM, self.target or raised
            self.presenter.rebuild()
            self.ask()

    # on paper

    @property
    def frames(self) -> list[GeneratedImage]:
        """The pictures so far, in their order; of very many every second one is left out."""
        return [frame.made for frame in self.presenter.reel.frames]

    def save_film(self, path: str | os.PathLike[str]) -> None:
        """Write the pictures so far as a film with a caption; the name must end in .gif, .webp or .mp4."""
        save_film(self.frames, path)

    def code(self) -> str:
        """Return the lines that make this picture again without widgets."""
        made = self.explanation
        return "" if made is None else code_of(made, made_with(self.probe), self._run.gone_on)

    def file_name(self) -> str:
        """Return a file name that says what the picture is, e.g. ``espresso-activation-maximisation.png``."""
        made = self.explanation
        if made is None:
            return "picture.png"
        name = f"{say.target_of(made) or made.image.name} {made.recipe.label}".lower()
        words = "".join(c if c.isalnum() or c == "_" else " " for c in name).split()
        return "-".join(words)[:MOST_NAME] + ".png"

    # what every widget does

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the picture is made and compared with photographs; False if `timeout` seconds pass first."""
        return super().wait(timeout) and self.presenter.wait(timeout) and self.view.wait(timeout)

    @property
    def _questions(self) -> list[str]:
        return ["method", "target", "layer", "image", "frame"]

    def _asked_anew(self, name: str) -> None:
        self.session.forgive()
        if name == "frame":
            self.presenter.show_frame()
            return
        self.presenter.rebuild()
        if name != "image" or self._needs_photograph:
            self.ask(rest=REST_SECONDS if name in ("target", "layer") else 0.0)
        else:
            self.session.remark = say.unused(self.images[self.image].name)

    @property
    def _needs_photograph(self) -> bool:
        try:
            noise = self._run.start.name == NOISE
        except CnnvizError:
            return True
        return not noise or self.target is None

    def _frame_count(self) -> int:
        return len(self.presenter.reel)

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    def _stop(self) -> None:
        self.presenter.close()
        self._run.climb = None
