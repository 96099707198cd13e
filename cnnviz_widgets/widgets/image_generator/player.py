"""Shows the frames of a film one after the other, until the last or until someone stops it."""

from __future__ import annotations

from collections.abc import Callable

from ..canvas.encoding import AfterRest

FRAME_SECONDS = 0.12


class FilmPlayer:
    """The clock of a film.

    Parameters
    ----------
    step : callable
        Shows the next frame and returns whether there is one after it.
    """

    def __init__(self, step: Callable[[], bool]) -> None:
        self._step = step
        self._clock: AfterRest | None = None

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._clock is not None

    def start(self) -> None:
        """Play on."""
        self._clock = AfterRest(self._tick, FRAME_SECONDS)
        self._clock.ask()

    def stop(self) -> None:
        """Stop where it is."""
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.close()

    def _tick(self) -> None:
        clock = self._clock
        if clock is not None and self._step():
            clock.ask()
