"""A patch swept over a picture once, and the several maps that are read from it."""

from .patch import SHAPES, SweepSettings
from .questions import MAPS, check_map, served_maps
from .sweep import begun, covered_picture, glance, sweep
from .swept import Swept

__all__ = [
    "MAPS",
    "SHAPES",
    "SweepSettings",
    "Swept",
    "begun",
    "check_map",
    "covered_picture",
    "glance",
    "served_maps",
    "sweep",
]
