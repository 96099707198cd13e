"""A climb that can be paused: asked again, it goes on where it stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...explanation import GeneratedImage
from ...image import Image
from ...method import Method
from ...probe import Probe


class PausableClimb:
    """What a session is asked for; a session that drops it leaves it as it is.

    Parameters
    ----------
    method : Method
        What makes the pictures.
    image : Image
        The picture to begin with, or to match.
    before : GeneratedImage, optional
        A picture to go on from.
    seen : Image, optional
        A photograph whose top class is raised where the method names no target.
    """

    def __init__(
        self,
        method: Method,
        image: Image,
        *,
        before: GeneratedImage | None = None,
        seen: Image | None = None,
    ) -> None:
        self.method, self.image, self.before, self._seen = method, image, before, seen
        self._steps: Iterator[Any] | None = None
        self._last: GeneratedImage | None = None

    @property
    def begun(self) -> bool:
        """Whether it has a picture already."""
        return self.before is not None or self._last is not None

    def explain(self, probe: Probe, image: Image) -> Iterator[GeneratedImage]:
        """Yield the last picture there was, if any, and the pictures from there on."""
        if self._steps is None:
            self._steps = self._start(probe, image)
        if self._last is not None:
            yield self._last  # whoever paused it may not have taken it
        for made in self._steps:
            self._last = made
            yield made

    def _start(self, probe: Probe, image: Image) -> Iterator[Any]:
        if self.before is not None:
            going: Any = self.method
            return iter(going.go_on(probe, self.before))
        if self._seen is None:
            return self.method.explain(probe, image)
        return self.method.replace(target=probe.natural_target(self._seen)).explain(probe, image)


def goes_on(method: Method, made: GeneratedImage | None) -> bool:
    """Return whether a method can go on from a picture."""
    return made is not None and made.state is not None and hasattr(method, "go_on")
