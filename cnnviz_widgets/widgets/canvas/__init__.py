"""The one picture on the screen: a Matplotlib figure that redraws fast, or a plain image."""

from .make import make_view
from .scene import Scene, View

__all__ = ["Scene", "View", "make_view"]
