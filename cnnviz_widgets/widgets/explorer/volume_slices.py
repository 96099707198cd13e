"""What is explored of a volume: the probe that holds it, and the slice that is the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ImageError, ModelError
from ...probe import Probe, takes_volumes
from ..core.widget import probe_of


def on_slices(
    model: Any,
    images: Any,
    labels: Any,
    preprocess: Callable[..., Any] | None,
    value_range: tuple[float, float] | None,
) -> tuple[Probe, Any]:
    """Return the probe and the pictures; of a volume the picture is the slice that the probe explains.

    Parameters
    ----------
    model, images, labels, preprocess, value_range
        As for `Explorer`.

    Raises
    ------
    ImageError
        If there is no picture.
    ModelError, SettingError
        If there is no probe of the model, or it does not take the volume.
    """
    try:
        probe = probe_of(model, labels, preprocess, value_range)
    except ModelError:
        if images is None or isinstance(model, Probe) or not takes_volumes(model):
            raise
        probe = Probe(model, preprocess, labels, value_range, volume=images)
    volume = probe.volume
    if volume is not None and (images is None or images is volume.source):
        return probe, [volume.picture()]
    if images is None:
        raise ImageError(
            f"images is missing: give at least one picture for {probe.name}, a path or an array."
        )
    return probe, images
