"""What the network receives, on request under the picture: the very numbers that go in, and the picture as it was."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import ipywidgets as widgets
import numpy as np
import PIL.Image

from ...images.image import Image
from ...jobs import Job, worker
from ...probe import PreprocessingCheck, Probe, Received
from ...session import one_sentence
from ..core.elements import box, button, data_url, part, shown, title

SIDE = 220  # longer side of a picture in CSS pixels
MOST_TRIED = 64
TIP = "What the network receives: the exact numbers that go in"


class ReceivedView:
    """A button, and the panel that it opens.

    Parameters
    ----------
    probe : Probe
        The network.
    pictures : callable
        Returns all pictures, and the index of the one that is looked at.
    lock : context manager
        Held while the panel is written to.
    opened : callable
        Called with nothing once the panel is open, to bring it into view.

    Attributes
    ----------
    button, widget : ipywidgets.Widget
        The button, and the place of the panel.
    received : Received or None
        What the panel shows.
    found : PreprocessingCheck or None
        What trying other ways has found.
    """

    def __init__(
        self,
        probe: Probe,
        pictures: Callable[[], tuple[Sequence[Image], int]],
        lock: AbstractContextManager[Any],
        opened: Callable[[], None],
    ) -> None:
        self._probe, self._pictures, self._lock, self._opened = probe, pictures, lock, opened
        self.received: Received | None = None
        self.found: PreprocessingCheck | None = None
        self._picture: Image | None = None
        self.button = button("", "cv-icon", TIP, self.toggle, icon="sign-in")
        self._panel = part(widgets.HTML)
        tip = "What the network says of these pictures when they come to it in the usual wrong ways"
        self.other_ways = button("Try other ways", "cv-cancel", tip, self.check)
        self._table = part(widgets.HTML)
        close = button("Close", "cv-cancel", "Close what the network receives", self.toggle)
        head = box(
            widgets.HBox, "cv-readhead", title("What the network receives"),
            box(widgets.HBox, "cv-receivedacts", self.other_ways, close),
        )  # fmt: skip
        self.widget = box(widgets.VBox, "cv-received", head, self._panel, self._table)
        shown(self.widget, False)
        shown(self.other_ways, probe.gives_classes)

    @property
    def open(self) -> bool:
        """Whether the panel is open."""
        return bool(self.widget.layout.display != "none")

    @property
    def text(self) -> str:
        """What the panel says, as HTML."""
        return f"{self._panel.value}{self._table.value}"

    def toggle(self) -> None:
        """Open the panel, or close it; returns at once."""
        with self._lock:
            shown(self.widget, not self.open)
            if not self.open:
                self.cancel()
                return
            self._picture = None
            self.follow()
        self._opened()

    def follow(self) -> None:
        """Show what goes in for the picture that is looked at, if the panel is open; returns at once."""
        images, index = self._pictures()
        if self.open and images[index] is not self._picture:
            self._picture = picture = images[index]
            worker.submit(self, lambda job: self._read(job, picture), urgent=False)

    def turn_to(self, probe: Probe) -> None:
        """Show what another probe receives from now on."""
        self.cancel()
        self._probe, self._picture = probe, None

    def check(self) -> None:
        """Try the likely mistakes of preprocessing on all pictures; returns at once."""
        images = list(self._pictures()[0])[:MOST_TRIED]
        with self._lock:
            self._say("Trying other ways.")
        worker.submit(self, lambda job: self._try(job, images), urgent=False)

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until the panel is written; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout)

    def cancel(self) -> None:
        """Stop what goes on."""
        worker.cancel(self)

    def _read(self, job: Job, picture: Image) -> None:
        try:
            received = self._probe.received(picture)
            text = panel(received)
        except Exception as error:
            received, text = None, f'<div class="cv-notes">{html.escape(one_sentence(error))}</div>'
        with self._lock:
            if not job.cancelled:
                self.received, self._panel.value = received, text

    def _try(self, job: Job, images: list[Image]) -> None:
        found, said = None, ""
        try:
            found = self._probe.check_preprocessing(images)
        except Exception as error:
            said = one_sentence(error)
        with self._lock:
            if not job.cancelled:
                self.found = found
                self._say(said) if found is None else self._tell(found)

    def _say(self, text: str) -> None:
        self._table.value = f'<div class="cv-checking" role="status">{html.escape(text)}</div>'

    def _tell(self, found: PreprocessingCheck) -> None:
        self._table.value = table(found)


def panel(received: Received) -> str:
    """Return as HTML the picture as it was, the tensor as a picture, and what is to be told beside them."""
    before, after = (_drawn(pixels) for pixels in (received.image.rgb(), received.rgb()))
    rows = "".join(
        f"<tr><th>{html.escape(what)}</th><td>{html.escape(words)}</td></tr>"
        for what, words in received.rows()
    )
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in received.notes)
    return (
        '<div class="cv-receivedrow">'
        f'<figure><img alt="The picture as it was" src="{before}"><figcaption>as it was</figcaption></figure>'
        f'<figure><img alt="What goes in" src="{after}"><figcaption>what goes in, lowest number black</figcaption>'
        f'</figure><div><table class="cv-facts">{rows}</table>{notes}</div></div>'
    )


def table(found: PreprocessingCheck) -> str:
    """Return as HTML what the network says under each way of preparing pictures."""
    known = any(way.right is not None for way in found.ways)
    lines = []
    for way in found.ways:
        right = "" if way.right is None else f"{way.right} of {found.count}"
        cells = f"<td>{right}</td>" if known else ""
        lines.append(f"<tr><th>{html.escape(way.name)}</th>{cells}<td>{way.confidence * 100:.0f} %</td></tr>")
    head = "<td>right</td>" if known else ""
    return (
        f'<table class="cv-facts cv-ways"><tr><th>pictures prepared</th>{head}<td>mean confidence</td></tr>'
        f'{"".join(lines)}</table><p class="cv-found" role="status">{html.escape(found.sentence)}</p>'
    )


def _drawn(pixels: np.ndarray) -> str:
    """Return a picture, uint8 (H, W, 3), as an address, no larger than it is shown; small ones keep their pixels."""
    picture = PIL.Image.fromarray(np.ascontiguousarray(pixels))
    factor = 2 * SIDE / max(picture.size)
    if factor < 1:
        size = tuple(max(1, round(n * factor)) for n in picture.size)
        picture = picture.resize((size[0], size[1]), PIL.Image.Resampling.LANCZOS)
    elif factor >= 2:
        picture = picture.resize(
            (picture.width * int(factor), picture.height * int(factor)), PIL.Image.Resampling.NEAREST
        )
    return data_url(np.asarray(picture), 90)
