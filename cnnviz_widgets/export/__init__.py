"""Pictures that leave the notebook: PNG with caption, and the code that makes them again."""

from .code import code
from .grid_file import displayed_grid, grid_code, grid_png
from .pair_file import displayed_pair, pair_png, save_pair
from .png import Displayed, displayed, png_bytes, png_path, save_png

__all__ = [
    "Displayed", "code", "displayed", "displayed_grid", "displayed_pair", "grid_code", "grid_png", "pair_png",
    "png_bytes", "png_path", "save_pair", "save_png",
]  # fmt: skip
