"""The sentences of a climb: growing, paused; Play goes on, so that nothing is to be run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..status import StatusLine
from . import words as say

if TYPE_CHECKING:
    from .generator import ImageGenerator


class ClimbStatus(StatusLine):
    """Says how far a climb is, and what was refused meanwhile."""

    _owner: ImageGenerator

    @property
    def trouble(self) -> tuple[str, str]:
        """What went wrong last: what was refused, else what the session met."""
        refused = self._owner.session.refused
        return (refused, "") if refused else super().trouble

    def wait_for_first(self) -> None:
        """Say that a climb is on its way, before the worker takes it up."""
        self._owner.set_trait("error", "")
        self._say("computing")

    def say_shown(self) -> None:
        """Say what is on the screen, or what to mind of what the reader did."""
        remark = self._owner.session.remark
        if remark:
            self._owner._desk.footer.say(remark)
        else:
            super().say_shown()

    def _say(self, state: str) -> None:
        super()._say(state)
        self._owner._desk.footer.offer(cancel=state == "computing")

    def _computing(self) -> tuple[str, str]:
        owner, made = self._owner, self._owner.session.explanation
        sentence, progress = super()._computing()
        if made is None or owner.session.remark:
            return owner.session.remark or sentence, progress
        if owner.session.fresh:
            return say.growing(made), progress
        climb = owner._course.climb
        anew = climb is not None and not climb.begun
        return (say.anew(*self._asked()) if anew else sentence), progress

    def _stopped(self) -> str:
        owner = self._owner
        if owner.session.remark:
            return owner.session.remark
        if owner.explanation is None or not owner.session.fresh:
            return super()._stopped()
        return say.paused(owner.explanation, owner._course.changed)
