"""What leaves the notebook of a widget: a PNG file, code, and the picture that a saved notebook shows."""

from __future__ import annotations

import base64
import os
from typing import Any

from ...errors import ImageError
from ...explanation import Explanation
from ...export import SLICE, Yours, code, png_bytes, png_path
from ...probe import Probe
from ...session import Session
from ...style import Style

FIRST_PICTURE_SECONDS = 8.0
SAVED_SIDE = 960


class Exporting:
    """A widget that shows one explanation, and can be kept without the widget."""

    probe: Probe
    session: Session
    explanation: Explanation | None
    style: Style
    status: str

    @property
    def drawn(self) -> bool:
        """Whether there is anything to keep."""
        return self.explanation is not None

    def snapshot(self) -> bytes:
        """Return the picture with its caption as a PNG file."""
        kept = self.kept()
        if kept is None:
            raise ImageError("there is no picture yet: call wait() first.")
        return png_bytes(kept, self.style, size=max(SAVED_SIDE, *kept.image.size))

    def kept(self) -> Explanation | None:
        """Return the explanation as it is kept: with the marks that are to be seen; None while there is none."""
        return self.explanation

    def code(self) -> str:
        """Return the lines that make this picture again without widgets."""
        if self.explanation is None:
            return ""
        shown, volume = self.explanation, self.probe.volume
        sliced = volume is not None and shown.image == volume.picture()
        how: dict[str, Any] = {"picture": SLICE} if sliced else {}
        return code(shown, self.style, probe=made_with(self.probe), **how)

    def file_name(self) -> str:
        """Return a file name that says what the picture is, e.g. ``chelsea-grad-cam-top_activation.png``."""
        shown = self.explanation
        if shown is None:
            return "picture.png"
        words = (shown.image.name or "picture", shown.recipe.label, getattr(shown, "layer", ""))
        safe = (
            "".join(c if c.isalnum() or c == "_" else "-" for c in word.lower()) for word in words if word
        )
        return "-".join(safe) + ".png"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture with its caption as a PNG file; the name must end in .png."""
        png_path(path).write_bytes(self.snapshot())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.probe.name}): {self.status or 'no picture yet'}"

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        self.session.wait_for_something(FIRST_PICTURE_SECONDS)
        bundle: dict[str, Any] = super()._repr_mimebundle_(**more) or {}  # type: ignore[misc]
        bundle["text/plain"] = repr(self)
        if self.drawn:
            bundle["image/png"] = base64.b64encode(self._preview()).decode()
        return bundle

    def _preview(self) -> bytes:
        """Return what a saved notebook shows in the place of the widget."""
        return self.snapshot()


def made_with(probe: Probe) -> dict[str, Any]:
    """Return the settings that make a probe again, as `code` writes them; names that the model brings are left out."""
    own = getattr(probe.model, "class_names", None)
    labels = list(probe.labels or ())
    brought = own is not None and labels == [str(name) for name in own]
    volume = probe.volume
    held = (
        {}
        if volume is None
        else {
            "volume": Yours("volume", f"your volume of {volume.count} {volume.word}s"),
            "slice_axis": volume.axis or None,
            "slice_index": volume.index,
        }
    )
    return {
        "preprocess": probe.preprocess,
        "labels": None if brought or not labels else labels,
        "value_range": probe.value_range,
        "size": probe.size,
        **held,
    }
