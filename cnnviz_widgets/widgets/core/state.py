"""What can be observed, set and linked of a widget, and what it refuses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import traitlets

from ...errors import CnnvizError, SettingError
from ...images.image import Image
from ...probe import Probe
from ...style import Style


def refusing(check: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Raise a check's errors as trait errors too: for these alone traitlets takes back what it checks late."""

    @functools.wraps(check)
    def checked(self: Any, proposal: Any) -> Any:
        try:
            return check(self, proposal)
        except CnnvizError as error:
            kind = type(error)
            raise type(kind.__name__, (kind, traitlets.TraitError), {})(str(error)) from None

    return checked


class WidgetState(traitlets.HasTraits):
    """Traits of every widget; a value that makes no sense is refused, the old one stays.

    Attributes
    ----------
    style : Style
        Can be observed, set and linked.
    progress : float
        0 to 1; read-only.
    status : str
        The sentence under the picture, without markup; read-only.
    error : str
        The error that is shown, or empty; read-only.
    """

    style: traitlets.TraitType[Any, Any] = traitlets.TraitType(Style())
    progress = traitlets.Float(0.0, read_only=True).tag(sync=True)
    status = traitlets.Unicode("", read_only=True).tag(sync=True)
    error = traitlets.Unicode("", read_only=True).tag(sync=True)

    @traitlets.validate("style")
    @refusing
    def _known_style(self, proposal: Any) -> Style:
        if not isinstance(proposal["value"], Style):
            raise SettingError(
                f"style must be a Style, such as Style(opacity=0.5); got {proposal['value']!r}."
            )
        return proposal["value"]


class PictureState(WidgetState):
    """Traits of every widget around a picture: those of all, and what it shows.

    Attributes
    ----------
    layer : str
        Can be observed, set and linked.
    image : int
        Index of the picture.
    explanation : Explanation or None
        What is on the screen; read-only.
    """

    layer = traitlets.Unicode("").tag(sync=True)
    image = traitlets.Int(0).tag(sync=True)
    explanation = traitlets.Any(None, allow_none=True, read_only=True)

    probe: Probe
    images: list[Image]

    @traitlets.validate("layer")
    @refusing
    def _known_layer(self, proposal: Any) -> str:
        name = proposal["value"]
        return self.probe.layer(name).name if name else ""

    @traitlets.validate("image")
    @refusing
    def _known_image(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self.images):
            raise SettingError(f"image must be from 0 to {len(self.images) - 1}; got {proposal['value']}.")
        return int(proposal["value"])
