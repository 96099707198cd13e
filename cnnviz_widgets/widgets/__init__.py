"""The one folder that knows ipywidgets and ipympl: what a person sees and moves."""

from .explore import explore
from .explorer import Explorer

__all__ = ["Explorer", "explore"]
