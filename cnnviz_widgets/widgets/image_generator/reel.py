"""The pictures of a climb, in their order and few enough to keep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...explanation import GeneratedImage
from ...methods._dream import Dream
from ...render import picture

MOST_FRAMES = 120
MOST_BYTES = 256 * 2**20
THUMBNAIL = 140


@dataclass(frozen=True, eq=False)
class Frame:
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


class Reel:
    """Frames, thinned out when there are too many or when they take too much memory.

    The first and the last one always stay; between them every second one goes.

    Parameters
    ----------
    most_frames, most_bytes : int
        From where on they are thinned out.
    """

    def __init__(self, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self._most_frames, self._most_bytes = most_frames, most_bytes
        self.frames: list[Frame] = []

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
        self.frames.append(Frame(made))
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
