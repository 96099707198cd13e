"""What leaves the notebook of a widget: a PNG file, code, and the picture that a saved notebook shows."""

from __future__ import annotations

import base64
import os
from typing import Any

from ..errors import ImageError
from ..explanation import Explanation
from ..export import code, png_bytes, png_path
from ..probe import Probe
from ..render import Style
from ..session import Session

FIRST_PICTURE_SECONDS = 8.0


class OnPaper:
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
        if self.explanation is None:
            raise ImageError("there is no picture yet: call wait() first.")
        return png_bytes(self.explanation, self.style)

    def code(self) -> str:
        """Return the lines that make this picture again without widgets."""
        return "" if self.explanation is None else code(self.explanation, self.style)

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

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        self.session.wait_for_something(FIRST_PICTURE_SECONDS)
        bundle: dict[str, Any] = super()._repr_mimebundle_(**more) or {}  # type: ignore[misc]
        bundle["text/plain"] = f"{type(self).__name__}({self.probe.name}): {self.status or 'no picture yet'}"
        if self.drawn:
            bundle["image/png"] = base64.b64encode(self.snapshot()).decode()
        return bundle
