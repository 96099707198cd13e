"""The one folder that knows Keras: arrays go in, arrays come out."""

from .info import LayerInfo
from .kernels import Kernel
from .passes import Gradient
from .probe import Probe, as_probe
from .receptive import ReceptiveField
from .rules import Rule

__all__ = ["Gradient", "Kernel", "LayerInfo", "Probe", "ReceptiveField", "Rule", "as_probe"]
