"""The one folder that knows Keras: arrays go in, arrays come out."""

from .info import LayerInfo
from .passes import Gradient
from .probe import Probe, as_probe

__all__ = ["Gradient", "LayerInfo", "Probe", "as_probe"]
