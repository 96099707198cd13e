"""What a latent mixer leaves behind: its picture, its walk as a GIF, and the lines that decode it again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import CnnvizError, ImageError, SettingError
from ...export.place import checked_place
from ...jobs import Job, worker
from ..paper import made_with
from .asked import Asked
from .paper import code_lines, gif, page
from .walk import rebuilt, walked
from .words import also

if TYPE_CHECKING:
    import threading

    from ...session import Session
    from .desk import MixerDesk

GIF_STEPS = 24
PATIENCE_SECONDS = 30.0
MOST_STEPS = 200


class Kept(Asked):
    """The part of a `LatentMixer` that leaves the notebook."""

    session: Session
    _desk: MixerDesk
    _lock: threading.RLock
    _closed: bool

    @property
    def drawn(self) -> bool:
        """Whether there is anything to keep."""
        return self.mixed is not None

    def snapshot(self) -> bytes:
        """Return A, the mixture and B over the film of the walk, with a caption, as a PNG file.

        Where there is no picture yet, it is waited for, at most half a minute.
        """
        if self.mixed is None:
            self.session.wait(PATIENCE_SECONDS)
        if self.mixed is None:
            raise ImageError(f"there is no picture yet: call wait() first. {self.error}".strip())
        steps = self.steps()
        both = rebuilt(self.probe, steps[0], self.ends)
        return page(self.mixed, both, walked(self.probe, steps, self.ends), self.code())

    def code(self) -> str:
        """Return the lines that decode this picture again without widgets."""
        if self.mixed is None:
            return ""
        rows = [self.row_of(image) for image, _ in self.mixed.recipe.parts]
        any_size = None in self.probe.input_shape[:2]
        return code_lines(self.mixed, rows, self.ends, made_with(self.probe), any_size)

    def file_name(self, kind: str = "png") -> str:
        """Return a file name that says what the picture is, e.g. ``bag-3-to-coat-1-encoded.png``."""
        if self.mixed is None:
            return f"picture.{kind}"
        (first, _), (second, _) = self.mixed.recipe.parts[:2]
        words = (first.name, "to", second.name, self.mixed.recipe.layer)
        return (
            "-".join("".join(c if c.isalnum() or c == "_" else "-" for c in w.lower()) for w in words)
            + f".{kind}"
        )

    def gif(self, steps: int = GIF_STEPS) -> bytes:
        """Return the walk from A to B and back, with the changes of the code, as a GIF file.

        Parameters
        ----------
        steps : int
            How many pictures from A to B, 2 to 200.
        """
        if isinstance(steps, bool) or not hasattr(steps, "__index__") or not 2 <= int(steps) <= MOST_STEPS:
            raise SettingError(f"steps must be a whole number from 2 to {MOST_STEPS}; got {steps!r}.")
        asked = self.steps(int(steps))
        (first, _), (second, _) = asked[0].parts[:2]
        return gif(walked(self.probe, asked, self.ends), (first.name, second.name), also(asked[0]))

    def save_gif(self, path: str | os.PathLike[str], steps: int = GIF_STEPS) -> None:
        """Write the walk as a GIF file; the name must end in .gif."""
        if Path(path).suffix.lower() != ".gif":
            raise SettingError(
                f"save_gif writes a GIF file: the name must end in .gif; got {os.fspath(path)!r}."
            )
        checked_place(path, "save_gif").write_bytes(self.gif(steps))

    def deliver_gif(self) -> None:
        """Have the browser save the walk as a GIF, made in the background."""
        if self.drawn:
            worker.submit(self, self._deliver_gif)

    def _deliver_gif(self, job: Job) -> None:
        try:
            made: Any = self.gif()
        except CnnvizError as error:
            with self._lock:
                self.session.refuse(error)
            return
        with self._lock:
            if not job.cancelled and not self._closed:
                self._desk.deliver(made, self.file_name("gif"), "image/gif")
