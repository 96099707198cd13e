"""Says under the picture where a widget's talk with its network stands."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from ...explanation import Explanation
from ...timers import AfterRest
from . import text as core_text
from .host import Host
from .shell import Footer

LATE_SECONDS = 0.25


class StatusLine:
    """The sentence, the figures on its right, progress, Cancel and Run again of a widget.

    Every call comes with the widget's lock held, or takes it.

    Parameters
    ----------
    host : Host
        The widget.
    footer : Footer
        What stands under its picture.
    sentence : callable
        Returns the sentence (HTML) about the explanation that is on the screen.
    asked : callable
        Returns what is asked for: the name of the method, and the target in words, perhaps empty.
    """

    def __init__(
        self,
        host: Host,
        footer: Footer,
        sentence: Callable[[Explanation], str],
        asked: Callable[[], tuple[str, str]],
    ) -> None:
        self._host, self._footer, self._sentence, self._asked = host, footer, sentence, asked
        self._late = AfterRest(self._say_late, LATE_SECONDS)

    @property
    def trouble(self) -> tuple[str, str]:
        """What went wrong last, in one sentence, and its details; both empty if all is well."""
        session = self._host.session
        return (session.error, session.details) if session.state == "error" else ("", "")

    def follow(self) -> None:
        """Say what the session is at, and set the traits that tell it."""
        host, session = self._host, self._host.session
        host.set_trait("progress", session.progress)
        host.set_trait("error", self.trouble[0])
        if session.state == "computing" and not session.fresh:
            self._late.ask()  # most answers are there before the reader could read that they are on their way
        else:
            self._say(session.state)

    def say_shown(self) -> None:
        """Say what is on the screen."""
        footer, shown = self._footer, self._host.explanation
        if shown is None:
            footer.say("Open a picture to begin.")
            return
        footer.say(self._sentence(shown), core_text.shown_cost(self._host.session))
        self._host.set_trait("status", plain(footer.text))

    def close(self) -> None:
        """End what waits to be said."""
        self._late.close()

    def _say_late(self) -> None:
        with self._host.lock:
            if not self._host.closed and self._host.session.state == "computing":
                self._say("computing")

    def _say(self, state: str) -> None:
        host, session, footer = self._host, self._host.session, self._footer
        stale = state in ("error", "computing") and not session.fresh
        (host.add_class if stale else host.remove_class)("cv-stale")
        footer.progress(session.progress if state == "computing" and session.progress else None)
        footer.offer(cancel=state == "computing" and session.progress < 1, again=state == "cancelled")
        wrong, details = self.trouble
        if wrong:
            footer.say(html.escape(wrong), details=details)
        elif state == "idle":
            self.say_shown()
        elif state == "computing":
            footer.say(*self._computing())
        else:
            footer.say(self._stopped())
        host.set_trait("status", plain(footer.text))

    def _computing(self) -> tuple[str, str]:
        """Return what is going on, and how far it is."""
        session = self._host.session
        seen = session.explanation if session.fresh else None
        sentence = core_text.computing(session.explanation, session.fresh, *self._asked())
        return sentence, core_text.computing_progress(seen, session.seconds_left)

    def _stopped(self) -> str:
        """Return what there is after Cancel."""
        session = self._host.session
        return core_text.stopped(session.explanation, session.fresh)


def plain(markup: str) -> str:
    """Return a sentence without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))
