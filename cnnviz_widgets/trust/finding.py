"""What every check returns: how far it is, a sentence for anybody, and the figures behind it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Finding:
    """What one check found.

    Attributes
    ----------
    done : float
        How much of the check this holds, 0 to 1.
    reason : str
        Why there is nothing to find, in a sentence; empty if there is.
    """

    done: float = 1.0
    reason: str = ""

    @property
    def words(self) -> str:
        """One or two sentences with their figures; empty while the check is running, or if all is as expected."""
        return self.reason or (self.said() if self.done == 1 else "")

    @abstractmethod
    def said(self) -> str:
        """Return what the finished check says."""
