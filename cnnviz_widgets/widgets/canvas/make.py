"""The view that every picture is drawn through: what it shows, and which renderer draws it."""

from __future__ import annotations

from ...errors import MissingPackageError, SettingError, did_you_mean
from .scene import Canvas

RENDERERS = ("auto", "ipympl", "image")


def make_canvas(size: str | int = "L", renderer: str = "auto") -> Canvas:
    """Make the view that suits this machine.

    Parameters
    ----------
    size
        ``"S"`` (hero alone), ``"M"``, ``"L"`` or ``"XL"``; or 160 to 448 pixels for a hero alone.
    renderer
        ``"ipympl"`` (pan, zoom, hover, click), ``"image"`` (pictures only, works in every host), or
        ``"auto"``: ipympl where it can be imported.
    """
    if renderer not in RENDERERS:
        near = did_you_mean(renderer, RENDERERS)
        raise SettingError(f"renderer must be one of {', '.join(RENDERERS)}; got {renderer!r}.{near}")
    if renderer != "image":
        try:
            from .ipympl_canvas import IpymplCanvas
        except ImportError as error:
            if renderer == "ipympl":
                raise MissingPackageError(
                    "renderer='ipympl' needs the package ipympl, which cannot be imported here "
                    f"({error}). Install it with 'pip install ipympl', or take renderer='image'."
                ) from error
        else:
            return IpymplCanvas(size)
    from .image_canvas import ImageCanvas

    return ImageCanvas(size)
