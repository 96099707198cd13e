"""Pictures that leave the notebook: PNG with caption, and the code that makes them again."""

from .code import code
from .png import Displayed, displayed, png_bytes, png_path, save_png

__all__ = ["Displayed", "code", "displayed", "png_bytes", "png_path", "save_png"]
