"""The one folder that knows Keras: arrays go in, arrays come out."""

from .attention import AttentionLayer
from .climbing import OPTIMISERS, AnySize, Climber, ClimbPlan, Penalties, Shaking, Space
from .facts import takes_volumes
from .info import LayerInfo
from .kernels import Kernel
from .marking import marks_of
from .passes import Gradient
from .preprocessing import PreprocessingCheck
from .probe import Probe, as_probe
from .received import Received
from .receptive import ReceptiveField
from .rules import Rule
from .tokens import Tokens

__all__ = [
    "OPTIMISERS", "AnySize", "AttentionLayer", "ClimbPlan", "Climber", "Gradient", "Kernel", "LayerInfo", "Penalties",
    "PreprocessingCheck", "Probe", "Received", "ReceptiveField", "Rule", "Shaking", "Space", "Tokens", "as_probe",
    "marks_of", "takes_volumes",
]  # fmt: skip
