"""The one picture on the screen: a Matplotlib figure that redraws fast, or a plain image."""

from .canvas import Scene, View, make_view

__all__ = ["Scene", "View", "make_view"]
