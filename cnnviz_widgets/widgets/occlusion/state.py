"""What can be observed, set and linked of an occlusion explorer, and what it refuses."""

from __future__ import annotations

from typing import Any, Protocol

import traitlets

from ...errors import SettingError
from ...images.image import Image
from ...methods.occlusion import Occlusion
from ...objectives import ClassScore, Objective
from ...occlusion import SweepSettings, check_map
from ..core.host import PictureHost
from ..core.state import PictureState, refusing

Place = tuple[int, int]
SETTINGS = ("patch", "stride", "fill", "shape")


class OcclusionState(PictureState):
    """Traits of an occlusion explorer: those of every widget around a picture, the patch, and where it lies.

    Attributes
    ----------
    patch, stride : int or None
        In pixels; None is chosen from the picture. Can be observed, set and linked, as all that follow.
    fill : str or Image
        What the patch shows.
    shape : str
        ``"square"`` or ``"round"``.
    map : str
        What is shown of the sweep: ``"fall"``, ``"probability"``, ``"label"``, ``"activity"``, ``"code distance"``,
        ``"reconstruction error"`` or ``"code or error"``.
    target : Objective or None
        None is the natural target of each picture.
    position : tuple of int or None
        First row and column of the patch; None is the middle of the picture.
    pins : tuple of tuple of int
        Positions kept to compare.
    """

    patch = traitlets.Any(None, allow_none=True)
    stride = traitlets.Any(None, allow_none=True)
    fill = traitlets.Any("grey")
    shape = traitlets.Unicode("square").tag(sync=True)
    map = traitlets.Unicode("fall").tag(sync=True)
    target = traitlets.Any(None, allow_none=True)
    position = traitlets.Any(None, allow_none=True)
    pins = traitlets.Any(())
    _fitted: tuple[Image, Image] | None = None

    @traitlets.validate(*SETTINGS)
    @refusing
    def _known_setting(self, proposal: Any) -> Any:
        name = proposal["trait"].name
        spec = SweepSettings.specs()[name]
        value = spec.check(type(self).__name__, name, proposal["value"])
        self._swept_by(**{name: value}).fitted(self.fitted_image)
        return value

    @traitlets.validate("map")
    @refusing
    def _known_map(self, proposal: Any) -> str:
        check_map(self.probe, proposal["value"])
        return str(proposal["value"])

    @traitlets.validate("target")
    @refusing
    def _known_target(self, proposal: Any) -> Objective | None:
        wanted = proposal["value"]
        return None if wanted is None else self.probe.target(wanted)

    @traitlets.validate("position")
    @refusing
    def _known_position(self, proposal: Any) -> Place | None:
        return None if proposal["value"] is None else self._checked_place("position", proposal["value"])

    @traitlets.validate("pins")
    @refusing
    def _known_pins(self, proposal: Any) -> tuple[Place, ...]:
        kept = self.pins  # a pin stays where it is while the patch is too large for it
        places = (one if one in kept else self._checked_place("pins", one) for one in proposal["value"])
        return tuple(dict.fromkeys(places))

    @property
    def fitted_image(self) -> Image:
        """The picture as the network takes it, fitted once: a patch that is dragged asks for it many times."""
        source = self.images[self.image]
        if self._fitted is None or self._fitted[0] is not source:
            self._fitted = source, self.probe.fit(source)
        return self._fitted[1]

    @property
    def recipe(self) -> Occlusion:
        """The sweep that the traits stand for, with the map and the target."""
        target = self.target
        if self.map == "probability" and not isinstance(target, ClassScore):
            target = None
        return self._swept_by(map=self.map, target=target)

    def _swept_by(self, **changes: Any) -> Occlusion:
        own = {name: getattr(self, name) for name in SETTINGS}
        return Occlusion(**{**own, **changes})

    def _checked_place(self, name: str, place: Any) -> Place:
        """Return a place for the patch; all of it lies in the picture."""
        image = self.fitted_image
        side = self._swept_by().fitted(image).patch or 1
        try:
            row, column = (int(one) for one in place)
        except (TypeError, ValueError):
            raise SettingError(
                f"{name} must be (row, column) of the patch's corner; got {place!r}."
            ) from None
        for axis, at, length in zip(("row", "column"), (row, column), image.size, strict=True):
            if not 0 <= at <= length - side:
                raise SettingError(
                    f"{name}: the {axis} of a patch of {side} must be from 0 to {length - side}; got {at}."
                )
        return row, column


class OcclusionHost(PictureHost, Protocol):
    """An occlusion explorer, as its view, its presenter and their pieces see it."""

    map: Any
    target: Any
    position: Any
    pins: Any

    @property
    def patient(self) -> bool:
        """Whether the reader has said to go on with a sweep that takes minutes."""

    @property
    def playing(self) -> bool:
        """Whether the patch moves over the picture by itself."""

    @property
    def fitted_image(self) -> Image:
        """The picture as the network takes it."""

    @property
    def recipe(self) -> Occlusion:
        """The sweep that the traits name."""

    def play(self) -> None:
        """Move the patch over the positions of the sweep, or stop it."""

    def stop(self) -> None:
        """Stop the patch where it is."""

    def pin(self) -> None:
        """Keep the position of the patch."""

    def unpin(self, number: int) -> None:
        """Remove a pin by its number, from 1."""
