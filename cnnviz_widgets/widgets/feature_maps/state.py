"""What can be observed, set and linked of a feature map browser, and what it refuses."""

from __future__ import annotations

from typing import Any, Protocol

import traitlets

from ...errors import SettingError, did_you_mean
from ...methods.feature_maps import FeatureMaps
from ...objectives import Unit
from ..core.host import PictureHost
from ..core.state import PictureState, refusing

ORDERS = ("activity", "index")
SCALES = ("own", "shared")


class FeatureMapsState(PictureState):
    """Traits of a feature map browser: those of every widget around a picture, and how the maps stand.

    Attributes
    ----------
    channel : int
        The channel that is looked at, from 0; can be observed, set and linked.
    order : str
        ``"activity"``, those that vary most over the picture first, or ``"index"``.
    scale : str
        ``"own"``, each map from its own lowest to its own highest colour, or ``"shared"``.
    """

    channel = traitlets.Int(0).tag(sync=True)
    order = traitlets.Unicode("activity").tag(sync=True)
    scale = traitlets.Unicode("own").tag(sync=True)

    @traitlets.validate("channel")
    @refusing
    def _known_channel(self, proposal: Any) -> int:
        name = self.layer or FeatureMaps().default_layer(self.probe)
        count, channel = self.probe.layer(name).shape[-1] or 0, proposal["value"]
        if not 0 <= channel < count:
            raise SettingError(
                f"channel must be from 0 to {count - 1}, the channels of {name}; got {channel}."
            )
        return int(channel)

    @traitlets.validate("order")
    @refusing
    def _known_order(self, proposal: Any) -> str:
        return _one_of("order", proposal["value"], ORDERS)

    @traitlets.validate("scale")
    @refusing
    def _known_scale(self, proposal: Any) -> str:
        return _one_of("scale", proposal["value"], SCALES)


class FeatureMapsHost(PictureHost, Protocol):
    """A feature map browser, as its view and its presenter see it."""

    channel: Any
    order: Any
    scale: Any

    @property
    def picked_channel(self) -> bool:
        """Whether the reader chose the channel, which then stays as other pictures come."""

    def turn(self, by: int) -> None:
        """Turn the pages."""

    def chosen_unit(self) -> Unit | None:
        """Return the chosen channel as a target."""

    def explain_channel(self) -> object:
        """Open an Explorer below that explains the chosen channel."""

    def close_explorer(self) -> None:
        """Close the Explorer below."""


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingError(
            f"{name} must be one of {', '.join(allowed)}; got {value!r}.{did_you_mean(value, allowed)}"
        )
    return value
