"""What the traits of a latent mixer stand for: the mixture, the walk, the pictures as the network takes them."""

from __future__ import annotations

import numpy as np

from ...errors import ModelError
from ...image import Image
from ...intake import row_name
from ...probe import Probe
from ...probe.facts import sized
from .mixture import Cell, CodeEdit, Mixture
from .ranges import Ends, ends_of
from .state import MixerState
from .walk import FRAMES


class Asked(MixerState):
    """The part of a `LatentMixer` that turns its traits into values."""

    output_range: tuple[float, float] | None
    _rows: int
    _fitted: dict[tuple[int, tuple[int, int]], Image]

    @property
    def mixture(self) -> Mixture:
        """What the traits stand for."""
        return self._at(self.mix)

    @property
    def ends(self) -> Ends:
        """The output's values that are drawn darkest and brightest."""
        return ends_of(self.probe, self.picture(self.a), self.output_range)

    def steps(self, count: int = FRAMES) -> list[Mixture]:
        """Return the mixtures of a walk from A to B, changes included."""
        return [self._at(float(share)) for share in np.linspace(0, 1, count)]

    def _at(self, mix: float) -> Mixture:
        weights = [(self.a, 1 - mix), (self.b, mix), *self.added.items()]
        return Mixture(self.layer, tuple((self.picture(index), w) for index, w in weights), self.edits)

    def picture(self, index: int) -> Image:
        """Return a picture as the network takes it; of the size of A where the network takes any."""
        first = self.probe.input_shape[:2]
        size = self.images[self.a].size if None in first else (first[0] or 0, first[1] or 0)
        if (index, size) not in self._fitted:
            self._fitted[index, size] = self.probe.fit(self.images[index]).resized(size, "crop")
        return self._fitted[index, size]

    def row_of(self, image: Image) -> str:
        """Return what a mixed picture is called in the lines of code, e.g. ``images[9]``."""
        found = next(index for (index, _), one in self._fitted.items() if one is image)
        return row_name(found, self._rows)

    def edit_of(self, channel: int, cell: Cell | None) -> CodeEdit:
        """Return the change of a channel or a cell, one that changes nothing if there is none."""
        found = (one for one in self.edits if (one.channel, one.cell) == (channel, cell))
        return next(found, CodeEdit(channel, cell=cell))


def check_model(probe: Probe) -> None:
    """Refuse a network that does not make pictures of the size that it takes."""
    if probe.rebuilds:
        return
    taken, made = sized(probe.input_shape), sized(probe.output_shape)
    instead = "Explorer shows what a classifier looks at." if probe.gives_classes else ""
    raise ModelError(
        f"LatentMixer needs a network that gives back a picture of the size that it takes; {probe.name} takes {taken} "
        f"and gives {made}. Encoder and decoder in two models: keras.Sequential([encoder, decoder]). {instead}".strip()
    )
