"""What can be observed and set of an Explorer, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import traitlets

from ...errors import SettingError
from ...images.image import Image
from ...method import Method, named
from ...objectives import Objective
from ..core.host import PictureHost
from ..core.state import PictureState, refusing


class ExplorerState(PictureState):
    """Traits of an Explorer: those of every widget, and what it asks.

    Attributes
    ----------
    method : str
        Label of the method; can be observed, set and linked.
    target : Objective or None
        None is the natural target of each picture.
    slice_index : int
        Which slice of a volume is the picture, or frame of a video, from 0; 0 for a model of pictures.
    """

    method = traitlets.Unicode("").tag(sync=True)
    target = traitlets.Any(None, allow_none=True)
    slice_index = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("slice_index")
    @refusing
    def _known_slice(self, proposal: Any) -> int:
        volume, index = self.probe.volume, proposal["value"]
        if volume is None and index:
            raise SettingError(f"slice_index is for models of volumes; {self.probe.name} takes pictures.")
        if volume is not None and not 0 <= index < volume.count:
            raise SettingError(f"slice_index must be from 0 to {volume.count - 1}; got {index}.")
        return int(index)

    @traitlets.validate("method")
    @refusing
    def _known_method(self, proposal: Any) -> str:
        return named(proposal["value"]).label

    @traitlets.validate("target")
    @refusing
    def _known_target(self, proposal: Any) -> Objective | None:
        wanted = proposal["value"]
        return None if wanted is None else self.probe.target(wanted, self.images[self.image])


class ExplorerHost(PictureHost, Protocol):
    """An Explorer, as its view, its presenter and their pieces see it."""

    method: Any
    target: Any
    slice_index: Any

    @property
    def recipe(self) -> Method:
        """The method with its settings as the controls stand."""

    def change_setting(self, name: str, value: Any) -> None:
        """Change one setting of the present method."""

    def look(self, method: str, **settings: Any) -> None:
        """Take a method with some of its settings, and ask."""

    def explained(self) -> Objective | None:
        """Return what the picture on the screen explains."""

    def looked_at(self) -> tuple[Sequence[Image], int]:
        """Return all pictures, and the index of the one that is looked at."""

    def redraw(self) -> None:
        """Draw what is on the screen again."""
