"""Filters: the kernels of a convolution, as small pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ..errors import SettingError
from ..explanation import Kernels
from ..images.image import Image
from ..method import Method, register
from ..objectives import Objective
from ..probe import Probe
from ..settings import layer_name, objective, whole


@register
@dataclass(frozen=True)
class Filters(Method):
    """The kernels of a convolution, one tile an output channel.

    Kernels that take three channels are drawn in colour; of others one input channel is drawn at a time. Each tile
    has a scale of its own with 0 as mid-grey. A layer without kernels shows those of the convolution that feeds it. A
    depthwise kernel has one input channel, and the two parts of a separable one are multiplied out.

    The result is `Kernels`: values (h, w, K) float32, the weights themselves. Its `layer` is the one asked for. It
    does not depend on the picture.

    Raises
    ------
    LayerError
        If there is no convolution at or before the layer.
    SettingError
        If the kernels do not have so many input channels.
    """

    label: ClassVar[str] = "Filters"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "The kernels of a convolution as small pictures"
    source: ClassVar[str] = (
        "Krizhevsky et al., NeurIPS 2012, fig. 3; Zeiler & Fergus, ECCV 2014, arXiv:1311.2901"
    )
    says: ClassVar[str] = "The kernels of {layer}, or of the convolution that feeds it."
    reading: ClassVar[str] = (
        "Each tile is a kernel: mid-grey is weight 0, light adds, dark takes away. "
        "In the first layer look for edges and colour blobs; noise there means a layer that learnt little."
    )
    by_layer: ClassVar[bool] = True
    rank: ClassVar[int] = 110

    input_channel: int = whole(
        0,
        low=0,
        control_high=63,
        help="which input channel is drawn, where the kernels take other than three",
    )
    layer: str | None = layer_name(help="layer whose kernels are shown; the first convolution if empty")
    target: Objective | int | None = objective(help="the kernels do not depend on it")

    def default_layer(self, probe: Probe) -> str:
        """Return the first convolution."""
        return first_convolution(probe)

    def explain(self, probe: Probe, image: Image) -> Iterator[Kernels]:
        """Yield one `Kernels`."""
        asked = self.layer or self.default_layer(probe)
        kernel = probe.kernel(asked)
        *_, inputs, count = kernel.values.shape
        colours = kernel.by_picture.transpose(0, 1, 3, 2) if inputs == 3 else None
        if colours is None and self.input_channel >= inputs:
            raise SettingError(
                f"Filters.input_channel must be from 0 to {inputs - 1}, the channels that {kernel.layer} takes; "
                f"got {self.input_channel}."
            )
        notes = []
        if kernel.layer != asked:
            notes.append(f"{asked} has no kernels; those of {kernel.layer}, which feeds it, are shown.")
        if colours is None and inputs > 1:
            notes.append(f"Input channel {self.input_channel} of {inputs} is shown.")
        yield Kernels(
            **{**self.about(probe, image), "target": ""},
            values=kernel.values.mean(axis=2)
            if colours is not None
            else kernel.values[:, :, self.input_channel],
            colours=colours,
            layer=probe.layer(asked).name,
            order=tuple(range(count)),
            unit="weight",
            notes=tuple(notes),
        )


def first_convolution(probe: Probe) -> str:
    """Return the first layer with kernels, or raise the error that the model has no maps."""
    first = next((layer.name for layer in probe.spatial_layers if "Conv" in layer.kind), None)
    return first or probe.last_spatial()
