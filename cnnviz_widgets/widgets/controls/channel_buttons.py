"""Buttons for some channels of a layer, each called by its number; a style sheet draws the channels on them."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ..core.elements import box, button, mark, shown


class ChannelButtons:
    """A button a channel; the one in place k has the CSS class ``cv-k{k}``.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    style : str
        CSS class of the box that holds them.
    act : str
        What a click does to a channel, e.g. ``"Look at"``.
    choose : callable
        Called with the channel that was clicked.
    """

    def __init__(self, uid: str, style: str, act: str, choose: Callable[[int], None]) -> None:
        self._uid, self._act, self._choose = uid, act, choose
        self.made: list[widgets.Button] = []
        self.channels: tuple[int, ...] = ()
        self.widget = box(widgets.Box, style)

    def name(self, channels: tuple[int, ...]) -> None:
        """Have a button for each of these channels, and call it by that."""
        self.channels = channels
        while len(self.made) < len(channels):
            k = len(self.made)
            one = button("", "cv-tile", "", lambda k=k: self._choose(self.channels[k]))  # type: ignore[misc]
            one.add_class(f"cv-k{k}")
            self.made.append(one)
        self.widget.children = self.made
        for k, one in enumerate(self.made):
            shown(one, k < len(channels))
        for one, channel in zip(self.made, channels, strict=False):
            one.description, one.tooltip = f"channel {channel}", f"{self._act} channel {channel}"

    def mark(self, channel: int) -> None:
        """Show which channel is chosen, if it is among them."""
        mark(self.made, self.channels.index(channel) if channel in self.channels else None)

    def numbers(self) -> str:
        """Return, as CSS, the number of each channel in a corner of its button."""
        # it is in the button's name already: the second rule keeps it from being read twice
        return "".join(
            f'.{self._uid} .cv-k{k}::after {{ content: "{channel}"; content: "{channel}" / ""; }}'
            for k, channel in enumerate(self.channels)
        )
