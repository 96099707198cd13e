"""The pictures of an ascent, in their order and few enough to keep, and the strip to step through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...explanation import GeneratedImage
from ...methods._dream import Dream
from ...render import picture
from ..controls.layer_picker import FRAMES, steps
from ..core.elements import box, button, data_url, heading, mark, part, row, shown, style_child

MOST_FRAMES = 120
MOST_BYTES = 256 * 2**20
THUMBNAIL = 140


@dataclass(frozen=True, eq=False)
class FilmFrame:
    """A picture on the way.

    Attributes
    ----------
    made : GeneratedImage
        The picture; it holds its state where one can go on from it.
    """

    made: GeneratedImage

    @property
    def step(self) -> int:
        """How many steps it took."""
        return len(self.made.curve)

    @cached_property
    def thumbnail(self) -> np.ndarray:
        """A small picture, uint8 (h, w, 3)."""
        return picture(self.made, size=THUMBNAIL)

    @cached_property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return sum(array.nbytes for array in _arrays(self.made.values, self.made.state))


class Film:
    """Frames, thinned out when there are too many or when they take too much memory.

    The first and the last one always stay; between them every second one goes.

    Parameters
    ----------
    most_frames, most_bytes : int
        From where on they are thinned out.
    """

    def __init__(self, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self._most_frames, self._most_bytes = most_frames, most_bytes
        self.frames: list[FilmFrame] = []

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def bytes(self) -> int:
        """About how much memory the frames take."""
        return sum(frame.bytes for frame in self.frames)

    @property
    def begins(self) -> tuple[int, ...]:
        """The steps, from 0, at which another size of a dream begins, the first left out."""
        dreams = [one.made.state for one in self.frames if isinstance(one.made.state, Dream)]
        return tuple(sorted({len(dream.curve) - dream.step for dream in dreams} - {0}))

    def add(self, made: GeneratedImage) -> None:
        """Put a picture at the end; one that is there already is not put there again."""
        if self.frames and self.frames[-1].made is made:
            return
        self.frames.append(FilmFrame(made))
        while len(self) > self._most_frames or (len(self) > 2 and self.bytes > self._most_bytes):
            self.frames[1:-1] = self.frames[2:-1:2]

    def cut(self, count: int) -> None:
        """Keep the first `count` frames."""
        del self.frames[count:]

    def near(self, step: int) -> int:
        """Return the place of the frame whose step is nearest."""
        return min(range(len(self)), key=lambda k: abs(self.frames[k].step - step))


def _arrays(*found: Any) -> list[np.ndarray]:
    """Return the arrays in some values and in what they are made of, each once."""
    seen: dict[int, np.ndarray] = {}
    pending = list(found)
    while pending:
        one = pending.pop()
        if isinstance(one, np.ndarray):
            seen[id(one)] = one
        elif isinstance(one, tuple | list):
            pending.extend(one)
        elif hasattr(one, "__dataclass_fields__"):
            pending.extend(vars(one).values())
    return list(seen.values())


EMPTY = "\N{NO-BREAK SPACE}"  # a button whose text is taken away altogether keeps it on the screen
PLAY, PAUSE, GO_ON = "Play the film", "Pause", "Go on"


class FilmControls:
    """The controls of the film.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    show : callable
        Called with the place of the frame that the reader picks.
    play, anew, go_on : callable
        Called to play or pause, to start anew, and to go on from the frame that is shown.
    save : callable
        Called with the kind of film to save.
    kinds : sequence of str
        Kinds of film that can be saved.
    """

    def __init__(
        self,
        uid: str,
        show: Callable[[int], None],
        play: Callable[[], None],
        anew: Callable[[], None],
        go_on: Callable[[], None],
        save: Callable[[str], None],
        kinds: Sequence[str],
    ) -> None:
        self._uid, self._show, self._quiet = uid, show, False
        self._shown = self._count = 0
        self._places: list[int] = []
        self._style, self._title = style_child(), part(widgets.HTML, "", heading("Film"))
        self._frames = [button("", "cv-frame", "", partial(self._clicked, k)) for k in range(FRAMES)]
        for k, made in enumerate(self._frames):
            made.add_class(f"cv-shot{k}")
        self.slider: Any = part(widgets.IntSlider, min=0, max=1, readout=False)
        self.slider.observe(self._slid, "value")
        self.play = button("", "cv-icon", PLAY, play, icon="play")
        self.back = button("", "cv-icon", "A frame back", lambda: self._step(-1), icon="step-backward")
        self.on = button("", "cv-icon", "A frame on", lambda: self._step(1), icon="step-forward")
        again = button("", "cv-icon", "Start anew", anew, icon="refresh")
        self.go_on = button("Go on from here", "cv-cancel", "Leave out what came later, and climb on", go_on)
        files = [(name.upper(), name) for name in kinds]
        self.kind: Any = part(widgets.Dropdown, options=files, layout=widgets.Layout(width="76px"))
        self.save = button("Save film", "cv-cancel", "Save all frames, one after the other", self._save(save))
        buttons = box(widgets.HBox, "cv-acts", self.play, self.back, self.on, again)
        saving = box(widgets.HBox, "cv-acts", self.go_on, self.kind, self.save)
        head = box(widgets.HBox, "cv-leverhead", box(widgets.HBox, "cv-row", buttons, self._title), saving)
        film = box(widgets.HBox, "cv-film", *self._frames)
        self.slide = row("Frame", self.slider)
        self.slide.add_class("cv-slide")
        self.widget = box(widgets.VBox, "cv-depthbox", self._style, head, film, self.slide)

    def develop(self, frames: Sequence[FilmFrame]) -> None:
        """Show some frames of the film."""
        self._count, self._places = len(frames), steps(len(frames), FRAMES)
        self._quiet = True
        self.slider.max = max(len(frames) - 1, 1)
        self._quiet = False
        rules = [
            f".{self._uid} .cv-slide {{ --n: {FRAMES}; --empty: {FRAMES - max(len(self._places), 1)}; }}"
        ]
        for k, made in enumerate(self._frames):
            here = k < len(self._places)
            made.disabled = not here
            step = str(frames[self._places[k]].step) if here else EMPTY
            if made.description != step:
                made.description = step
                made.tooltip = f"After {step} steps" if here else ""
            if here:
                address = data_url(frames[self._places[k]].thumbnail)
                rules.append(f".{self._uid} .cv-shot{k} {{ background-image: url({address}) !important; }}")
        self._style.value = f"<style>{''.join(rules)}</style>"

    def mark(self, place: int, words: str) -> None:
        """Show which frame is shown, and say so."""
        self._shown, self._quiet = place, True
        try:
            self.slider.value = place
        finally:
            self._quiet = False
        self._title.value = heading("Film", words)
        nearest = min(range(len(self._places)), key=lambda k: abs(self._places[k] - place), default=None)
        exact = nearest is not None and self._places[nearest] == place
        mark(self._frames, nearest if exact else None)
        mark(self._frames, None if exact else nearest, "cv-near")

    def allow(self, *, running: bool, unfinished: bool, on_from_here: bool) -> None:
        """Show what the buttons would do now."""
        self.play.icon = "pause" if running else "play"
        last = self._shown >= self._count - 1
        self.play.tooltip = PAUSE if running else GO_ON if unfinished and last else PLAY
        self.play.disabled = not running and self._count < 2 and not unfinished
        self.back.disabled, self.on.disabled = self._shown <= 0, last
        self.slider.disabled = self._count < 2
        self.save.disabled = self._count < 1
        shown(self.go_on, on_from_here)

    def _slid(self, change: Any) -> None:
        if not self._quiet and change["new"] < self._count:
            self._show(change["new"])

    def _clicked(self, k: int) -> None:
        if k < len(self._places):
            self._show(self._places[k])

    def _step(self, by: int) -> None:
        if 0 <= self._shown + by < self._count:
            self._show(self._shown + by)

    def _save(self, save: Callable[[str], None]) -> Callable[[], None]:
        return lambda: save(self.kind.value)
