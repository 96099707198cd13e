"""A patch swept over a picture once, and the several maps that are read from it."""

from .patch import SweepSettings
from .questions import MAPS, check_map
from .sweep import sweep
from .swept import Swept

__all__ = ["MAPS", "SweepSettings", "Swept", "check_map", "sweep"]
