"""Pictures that leave the notebook: PNG with caption, and the code that makes them again."""

from . import drawers as drawers
from .caption import headline
from .code import SLICE, Yours, code
from .film import KINDS, film_bytes, film_kinds, save_film
from .pair import displayed_pair, pair_png, save_pair
from .png import Displayed, displayed, png_bytes, png_path, save_png
from .table import displayed_grid, grid_code, grid_png

__all__ = [
    "KINDS", "SLICE", "Displayed", "Yours", "code", "displayed", "displayed_grid", "displayed_pair", "film_bytes",
    "film_kinds", "grid_code", "grid_png", "headline", "pair_png", "png_bytes", "png_path", "save_film", "save_pair",
    "save_png",
]  # fmt: skip
