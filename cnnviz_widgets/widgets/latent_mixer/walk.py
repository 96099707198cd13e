"""The walk from A to B as a film: nine decoded pictures, and the slider that they are the track of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets as widgets
import numpy as np

from ...errors import CnnvizError
from ...images.image import Image
from ...jobs import Job, worker
from ...probe import Probe
from ..core.elements import box, button, data_url, is_rounded, mark, part, row, style_child
from .drawing import enlarged
from .endpoints import Rebuilt
from .mixture import Ends, Mixture, as_picture, decoded

FRAMES = 9
FRAME_SIDE = 140
STEP = 1 / 128  # frames are whole steps, and no rounding of the page's changes them
REST_SECONDS = 0.15


class WalkStrip:
    """Frames and slider.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    go : callable
        Called with a share of the way, 0 to 1.
    """

    def __init__(self, uid: str, go: Callable[[float], None]) -> None:
        self._uid, self._go, self._quiet = uid, go, False
        self._mix = 0.0
        self._style = style_child()
        self._frames = [self._frame(k / (FRAMES - 1), k) for k in range(FRAMES)]
        self.slider = part(widgets.FloatSlider, "", 0.0, min=0, max=1, step=STEP, readout=False)
        self.slider.observe(lambda change: self._moved(change["new"]), "value")
        named = row("Walk", self.slider, help="share of the way from A to B")
        named.add_class("cv-walkrow")
        film = box(widgets.HBox, "cv-film", *self._frames)
        self.widget = box(widgets.VBox, "cv-walk", self._style, film, named)

    @property
    def css(self) -> str:
        """A rule that sets the slider's ends under the middle of the first and last frame."""
        return f".{self._uid} {{ --n: {FRAMES}; }}"

    def mark(self, mix: float) -> None:
        """Show how far the walk is."""
        self._mix, self._quiet = mix, True
        try:
            self.slider.value = mix
        finally:
            self._quiet = False
        place = mix * (FRAMES - 1)
        nearest, exact = round(place), abs(place - round(place)) < 1e-6
        mark(self._frames, nearest if exact else None)
        mark(self._frames, None if exact else nearest, "cv-near")

    def develop(self, pictures: Sequence[np.ndarray]) -> None:
        """Put the pictures into the frames, uint8 (h, w, 3) each."""
        rules = [
            f".{self._uid} .cv-f{k} {{ background-image: url({data_url(picture)}) !important; }}"
            for k, picture in enumerate(pictures)
        ]
        self._style.value = f"<style>{''.join(rules)}</style>"

    def _frame(self, share: float, k: int) -> widgets.Button:
        text = {0.0: "A", 1.0: "B"}.get(share, f"{share:.0%}".replace("%", " %"))
        made = button(text, "cv-frame", f"{share:.0%} of the way from A to B", lambda: self._go(share))
        made.add_class(f"cv-f{k}")
        return made

    def _moved(self, share: float) -> None:
        if not self._quiet and not is_rounded(share, self._mix, STEP):
            self._go(share)


class WalkFilm:
    """Decodes the frames of a walk, and both ends by themselves, in the background.

    Parameters
    ----------
    probe : Probe
        The network.
    done : callable
        Called on the worker with the frames, and with A and B beside what is decoded from their own codes.
    """

    def __init__(self, probe: Probe, done: Callable[[list[np.ndarray], list[Rebuilt]], None]) -> None:
        self._probe, self._done = probe, done
        self._key: object = None

    def develop(self, steps: Sequence[Mixture], ends: Ends, codes: np.ndarray) -> None:
        """Draw the frames of a walk between pictures of these codes, unless they are there; returns at once."""
        key = (tuple(steps), ends, codes.tobytes())  # other codes: the network has been trained further
        if key != self._key:
            self._key = key
            worker.submit(self, lambda job: self._work(job, steps, ends), urgent=False, rest=REST_SECONDS)

    def _work(self, job: Job, steps: Sequence[Mixture], ends: Ends) -> None:
        try:
            pictures = [enlarged(p, FRAME_SIDE) for p in walked(self._probe, steps, ends)]
            both = rebuilt(self._probe, steps[0], ends)
        except CnnvizError:  # the large picture says what is wrong
            return
        if not job.cancelled:
            self._done(pictures, both)


def walked(probe: Probe, steps: Sequence[Mixture], ends: Ends) -> list[Image]:
    """Return the pictures decoded at the steps of a walk."""
    image = steps[0].parts[0][0]
    given = steps[0].codes(probe)
    codes = np.stack([step.edited(step.summed(given)) for step in steps])
    return [as_picture(made, image, ends)[0] for made in decoded(probe, codes, steps[0].layer, image)]


def rebuilt(probe: Probe, mixture: Mixture, ends: Ends) -> list[Rebuilt]:
    """Return the first two pictures of a mixture beside what is decoded from their own codes."""
    images = [image for image, _ in mixture.parts[:2]]
    made, given = decoded(probe, mixture.codes(probe)[:2], mixture.layer, images[0]), probe.prepared(images)
    errors = ((made - given) ** 2).mean(axis=(1, 2, 3))
    return [
        Rebuilt(image, as_picture(output, image, ends)[0], float(error))
        for image, output, error in zip(images, made, errors, strict=True)
    ]
