"""What can be observed, set and linked of a latent mixer, what it refuses, and the question that it asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import traitlets

from ...errors import ModelError, SettingError, did_you_mean
from ...images.image import Image
from ...images.intake import row_name
from ...probe import Probe
from ...probe.model_info import sized
from ..core.state import WidgetState, refusing
from .mixture import Cell, CodeEdit, Ends, Mixture, ends_of
from .walk import FRAMES

BESIDE = ("change", "focus", "channel")


class MixerState(WidgetState):
    """Traits of a latent mixer: those of every widget, what is mixed, and what is changed of the code.

    Attributes
    ----------
    a, b : int
        Indices of the pictures between which the walk goes. Can be observed, set and linked, as all that follow.
    mix : float
        Share of the way from A to B, 0 to 1.
    added : mapping of int to float
        Further pictures by index, with the weights that their codes are added with; below 0 they are taken away.
    layer : str
        Where the code is; the output must be made of it alone.
    edits : tuple of CodeEdit
        Changes of the code: of whole channels, then of single cells.
    channel : int
        The channel whose sliders are shown.
    cell : tuple of int or None
        (row, column) of the cell that the sliders change; None is the whole map.
    beside : str
        What the small map shows: ``"change"``, ``"focus"`` or ``"channel"``.
    mixed : Mixed or None
        What is on the screen; read-only.
    """

    a = traitlets.Int(0).tag(sync=True)
    b = traitlets.Int(0).tag(sync=True)
    mix = traitlets.Float(0.0).tag(sync=True)
    added = traitlets.Any(MappingProxyType({}))
    layer = traitlets.Unicode("").tag(sync=True)
    edits = traitlets.Any(())
    channel = traitlets.Int(0).tag(sync=True)
    cell = traitlets.Any(None, allow_none=True)
    beside = traitlets.Unicode("change").tag(sync=True)
    mixed = traitlets.Any(None, allow_none=True, read_only=True)

    probe: Probe
    images: list[Image]

    @traitlets.validate("a", "b")
    @refusing
    def _known_picture(self, proposal: Any) -> int:
        return self._checked_picture(proposal["trait"].name, proposal["value"])

    @traitlets.validate("mix")
    @refusing
    def _known_share(self, proposal: Any) -> float:
        if not 0 <= proposal["value"] <= 1:
            raise SettingError(f"mix must be from 0 (A) to 1 (B); got {proposal['value']}.")
        return float(proposal["value"])

    @traitlets.validate("added")
    @refusing
    def _known_sum(self, proposal: Any) -> Mapping[int, float]:
        wanted = proposal["value"]
        if not isinstance(wanted, Mapping):
            raise SettingError(
                f"added must map indices of pictures to weights, such as {{3: -1}}; got {wanted!r}."
            )
        made = {}
        for index, weight in wanted.items():
            at = self._checked_picture("added", index)
            made[at] = _number(f"added[{at}]", weight)
        return MappingProxyType(made)

    @traitlets.validate("layer")
    @refusing
    def _known_layer(self, proposal: Any) -> str:
        return self.probe.split(proposal["value"] or None).name

    @traitlets.validate("edits")
    @refusing
    def _known_edits(self, proposal: Any) -> tuple[CodeEdit, ...]:
        wanted = proposal["value"]
        if not isinstance(wanted, tuple | list) or not all(isinstance(one, CodeEdit) for one in wanted):
            raise SettingError(
                f"edits must be a list of CodeEdit, such as [CodeEdit(3, scale=0)]; got {wanted!r}."
            )
        made = {(one.channel, one.cell): self._checked_edit(one) for one in wanted}
        return tuple(
            sorted((one for one in made.values() if not one.idle), key=lambda one: one.cell is not None)
        )

    @traitlets.validate("channel")
    @refusing
    def _known_channel(self, proposal: Any) -> int:
        return self._checked_channel(proposal["value"])

    @traitlets.validate("cell")
    @refusing
    def _known_cell(self, proposal: Any) -> Cell | None:
        return None if proposal["value"] is None else self._checked_cell(proposal["value"])

    @traitlets.validate("beside")
    @refusing
    def _known_map(self, proposal: Any) -> str:
        wanted = proposal["value"]
        if wanted not in BESIDE:
            raise SettingError(
                f"beside must be one of {', '.join(BESIDE)}; got {wanted!r}.{did_you_mean(wanted, BESIDE)}"
            )
        return str(wanted)

    def _checked_picture(self, name: str, index: Any) -> int:
        if isinstance(index, bool) or not hasattr(index, "__index__") or not 0 <= index < len(self.images):
            raise SettingError(f"{name} must be from 0 to {len(self.images) - 1}, a picture; got {index!r}.")
        return int(index)

    def _checked_channel(self, channel: Any) -> int:
        count = self.probe.layer(self.layer).shape[-1] if self.layer else None
        if (
            isinstance(channel, bool)
            or not hasattr(channel, "__index__")
            or not 0 <= channel < (count or math.inf)
        ):
            raise SettingError(
                f"channel must be from 0 to {(count or 1) - 1}, the channels of {self.layer}; got {channel!r}."
            )
        return int(channel)

    def _checked_edit(self, edit: CodeEdit) -> CodeEdit:
        return CodeEdit(
            self._checked_channel(edit.channel),
            _number("CodeEdit.scale", edit.scale),
            _number("CodeEdit.add", edit.add),
            None if edit.cell is None else self._checked_cell(edit.cell),
        )

    def _checked_cell(self, cell: Any) -> Cell:
        shape = self.probe.layer(self.layer).shape
        if len(shape) != 3:
            raise SettingError(f"cell needs a code of maps; {self.layer} gives {shape}. Leave it None.")
        try:
            row, column = (int(one) for one in cell)
        except (TypeError, ValueError):
            raise SettingError(f"cell must be (row, column) or None; got {cell!r}.") from None
        for axis, at, most in zip(("row", "column"), (row, column), shape[:2], strict=True):
            if not 0 <= at < (most or math.inf):
                raise SettingError(
                    f"cell: the {axis} must be from 0 to {(most or 1) - 1} in {self.layer}; got {at}."
                )
        return row, column


def _number(name: str, value: Any) -> float:
    try:
        made = float(value)
    except (TypeError, ValueError):
        made = math.nan
    if not math.isfinite(made):
        raise SettingError(f"{name} must be a number; got {value!r}.")
    return made


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
