"""Climbing a score by changing the picture: one compiled step, and its state as a plain value."""

from .anysize import AnySize
from .climb import OPTIMISERS, State
from .climber import Climber, ClimbPlan
from .plan import Penalties, Shaking, Space

__all__ = ["OPTIMISERS", "AnySize", "ClimbPlan", "Climber", "Penalties", "Shaking", "Space", "State"]
