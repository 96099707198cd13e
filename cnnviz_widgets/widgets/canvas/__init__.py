"""The one picture on the screen: a Matplotlib figure that redraws fast, or a plain image."""

from .make import make_canvas
from .scene import Canvas, Scene

__all__ = ["Canvas", "Scene", "make_canvas"]
