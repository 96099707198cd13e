"""A patch swept over a picture once, and the several maps that are read from it."""

from .questions import MAPS, check_map, served_maps
from .result import Swept
from .settings import SHAPES, SweepSettings
from .sweep import begun, covered_picture, glance, sweep

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
