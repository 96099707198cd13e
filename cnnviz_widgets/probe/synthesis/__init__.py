"""Climbing a score by changing the picture: one compiled step, and its state as a plain value."""

from .optimizer import OPTIMISERS, State
from .settings import Penalties, Shaking, Space
from .synthesizer import Climber, ClimbPlan
from .tiles import AnySize

__all__ = ["OPTIMISERS", "AnySize", "ClimbPlan", "Climber", "Penalties", "Shaking", "Space", "State"]
