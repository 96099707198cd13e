"""The one folder that knows Keras: arrays go in, arrays come out."""

from .attention.layers import AttentionLayer
from .backward import Gradient
from .kernels import Kernel
from .layer_info import LayerInfo
from .model_info import takes_volumes
from .preprocessing.checks import PreprocessingCheck
from .preprocessing.received import Received
from .probe import Probe, as_probe
from .receptive_field import ReceptiveField
from .relu_rules import Rule
from .synthesis import OPTIMISERS, AnySize, Climber, ClimbPlan, Penalties, Shaking, Space
from .target_marks import marks_of
from .tokens.tokens import Tokens

__all__ = [
    "OPTIMISERS", "AnySize", "AttentionLayer", "ClimbPlan", "Climber", "Gradient", "Kernel", "LayerInfo", "Penalties",
    "PreprocessingCheck", "Probe", "Received", "ReceptiveField", "Rule", "Shaking", "Space", "Tokens", "as_probe",
    "marks_of", "takes_volumes",
]  # fmt: skip
