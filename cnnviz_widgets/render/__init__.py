"""From explanations to pictures: NumPy and colour tables only; no model, no widget, no figure."""

from .collage import Layout, layout
from .labels import label_colours
from .pair import pair_picture
from .panels import Panels, panels
from .picture import picture, thumbnail
from .scale import Scale, as_text

__all__ = [
    "Layout",
    "Panels",
    "Scale",
    "as_text",
    "label_colours",
    "layout",
    "pair_picture",
    "panels",
    "picture",
    "thumbnail",
]
