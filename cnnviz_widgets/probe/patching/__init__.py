"""Many patches on one picture: only what a patch can reach is computed anew."""

from .network import Networks
from .patched import Patched

__all__ = ["Networks", "Patched"]
