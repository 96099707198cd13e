"""How far a map can be trusted: checks of one map, and a table of them for many methods and pictures."""

from ..probe.randomised import RandomisedCopy
from .checks import CHECKS, check
from .report import Trust, TrustOptions
from .table import evaluate

__all__ = ["CHECKS", "RandomisedCopy", "Trust", "TrustOptions", "check", "evaluate"]
