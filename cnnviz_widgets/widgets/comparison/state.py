"""What can be observed and set of a comparison, and what it refuses."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Protocol

import traitlets

from ...comparisons.plan import Plan
from ...comparisons.result import Compared, Place
from ...errors import SettingError
from ...export.table_scales import checked_scale
from ..core.host import Host
from ..core.state import WidgetState, refusing
from .run import ComparisonSession


class ComparisonState(WidgetState):
    """Traits of a comparison: those of every widget, and what stands in the table.

    Attributes
    ----------
    chosen : (int, int) or None
        Row and column of the cell that is shown large; can be observed, set and linked.
    scale : str
        ``own`` or ``shared``; can be observed, set and linked.
    explanations : mapping of (int, int) to Heatmap or ColourMap
        What is found so far; read-only.
    """

    chosen = traitlets.Any(None, allow_none=True)
    scale = traitlets.Unicode("own").tag(sync=True)
    explanations = traitlets.Any(MappingProxyType({}), read_only=True)

    @traitlets.validate("scale")
    @refusing
    def _known_scale(self, proposal: Any) -> str:
        return checked_scale(proposal["value"])

    @traitlets.validate("chosen")
    @refusing
    def _known_cell(self, proposal: Any) -> Place | None:
        wanted = proposal["value"]
        if wanted is None:
            return None
        try:
            place = int(wanted[0]), int(wanted[1])
        except (TypeError, ValueError, IndexError):
            raise SettingError(f"chosen must be (row, column) or None; got {wanted!r}.") from None
        if place not in self.explanations:
            raise SettingError(f"chosen must be a cell that is computed; there is none at {place} yet.")
        return place


class ComparisonHost(Host, Protocol):
    """A comparison, as its view and its presenter see it."""

    chosen: Any
    scale: Any
    explanations: Any

    @property
    def session(self) -> ComparisonSession:
        """The talk with the network."""

    @property
    def plan(self) -> Plan:
        """What is compared."""

    @property
    def compared(self) -> Compared:
        """What is found so far."""

    def enlarge(self, place: Place) -> None:
        """Show a cell large."""

    def shrink(self) -> None:
        """Show the table again."""
