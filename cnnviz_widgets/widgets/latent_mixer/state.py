"""What can be observed, set and linked of a latent mixer, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import traitlets

from ...errors import ModelError, SettingError, did_you_mean
from ...images.image import Image
from ...probe import Probe
from ...probe.model_info import sized
from ..core.host import Host
from ..core.state import WidgetState, refusing
from .mixture import Cell, CodeEdit, Ends, Mixture
from .session import MixerSession

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


class MixerHost(Host, Protocol):
    """A latent mixer, as its view, its presenter and their pieces see it."""

    a: Any
    b: Any
    mix: Any
    added: Any
    layer: Any
    edits: Any
    channel: Any
    cell: Any
    beside: Any
    output_range: tuple[float, float] | None

    @property
    def session(self) -> MixerSession:
        """The talk with the network."""

    @property
    def images(self) -> list[Image]:
        """The pictures to choose from."""

    @property
    def mixed(self) -> Any:
        """What is on the screen; None while there is nothing."""

    @property
    def ends(self) -> Ends:
        """The output's values that are drawn darkest and brightest."""

    def steps(self) -> list[Mixture]:
        """Return the mixtures of a walk from A to B, changes included."""

    def edit_of(self, channel: int, cell: Cell | None) -> CodeEdit:
        """Return the change of a channel or a cell, one that changes nothing if there is none."""

    def suggest(self, channel: int) -> None:
        """Look at a channel, unless the reader has chosen one."""

    def take(self, index: int, slot: str) -> None:
        """Have a picture as ``a``, as ``b``, or among those ``added``."""

    def weigh(self, index: int, weight: float | None) -> None:
        """Add a picture's code with a weight."""

    def apply(self, change: CodeEdit) -> None:
        """Make a change as the sliders do."""

    def reset(self) -> None:
        """Take all changes of the code back."""

    def add_images(self, images: Sequence[Any], *, look: bool = True) -> None:
        """Add pictures at the end of the strip."""

    def play(self) -> None:
        """Walk from A to B by itself, or stop it."""

    def deliver_gif(self) -> None:
        """Have the browser save the walk as a GIF."""
