"""The line under the picture: one sentence on the left, figures on the right, progress above, Cancel beside."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import ipywidgets as widgets

from .parts import box, button, part, shown


class Footer:
    """A sentence that a screen reader hears, and what goes with it.

    Parameters
    ----------
    cancel, again : callable
        Called when Cancel, or Run again, is pressed.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    """

    def __init__(
        self, cancel: Callable[[], None], again: Callable[[], None], turn: Callable[[int], None]
    ) -> None:
        self.bar = part(widgets.HTML, "cv-bar")
        self._say, self._right = part(widgets.HTML), part(widgets.HTML)
        self._idle = ""
        self.cancel = button("Cancel", "cv-cancel", "Stop computing; what there is stays", cancel)
        self.again = button("Run again", "cv-cancel", "Compute the rest", again)
        back = button("‹", "cv-cancel", "Earlier channels", lambda: turn(-1))
        on = button("›", "cv-cancel", "Later channels", lambda: turn(1))
        self._pages = part(widgets.Label)
        self.pager = box(widgets.HBox, "cv-pager", back, self._pages, on)
        for one in (self.cancel, self.again, self.pager):
            shown(one, False)
        self.widget = box(
            widgets.HBox, "cv-foot", self._say, self._right, self.pager, self.again, self.cancel
        )
        self.text = ""

    def say(self, sentence: str, right: str = "", *, details: str | None = None) -> None:
        """Show a sentence (HTML) with a short text on its right; with `details` it is an error, the details folded."""
        fold = (
            f"<details><summary>Details</summary><pre>{html.escape(details)}</pre></details>"
            if details
            else ""
        )
        bad, role = (" cv-bad", "alert") if details is not None else ("", "status")
        whole = "" if details is not None else f' title="{without_markup(sentence)}"'
        value = f'<div class="cv-say{bad}" role="{role}" aria-live="polite"{whole}>{sentence}{fold}</div>'
        if self._say.value != value:
            self._say.value = value
        self.text, self._idle = sentence, right
        self.hover(None)

    def hover(self, text: str | None) -> None:
        """Show what is under the mouse, in place of the text on the right; None brings that back."""
        kind = "cv-hover" if text is None else "cv-hover cv-under"
        value = f'<span class="{kind}">{html.escape(self._idle if text is None else text)}</span>'
        if self._right.value != value:
            self._right.value = value

    def progress(self, done: float | None) -> None:
        """Show the bar at a share from 0 to 1, or none."""
        value = ""
        if done is not None:
            stops = f"var(--cv-accent) {done:.0%},var(--cv-fill) {done:.0%}"
            value = (
                f'<div style="height:3px;border-radius:2px;background:linear-gradient(90deg,{stops})"></div>'
            )
        if self.bar.value != value:
            self.bar.value = value

    def offer(self, *, cancel: bool = False, again: bool = False) -> None:
        """Show Cancel, Run again, or neither."""
        shown(self.cancel, cancel)
        shown(self.again, again)

    def pages(self, page: int, count: int, words: str = "") -> None:
        """Show which page of a collage this is, in `words` if given; nothing if there is only one."""
        shown(self.pager, count > 1)
        self._pages.value = words or f"{page + 1} of {count}"


def without_markup(sentence: str) -> str:
    """Return a sentence in HTML as plain text that fits into an attribute."""
    return html.escape(html.unescape(re.sub(r"<[^>]+>", "", sentence)))
