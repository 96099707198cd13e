"""What is explained or maximised, as plain data: it names a number that the model yields, and computes nothing."""

from .made import Direction, Matching, Mixture, Several
from .naming import parts, words
from .plain import (
    ClassScore,
    Contrast,
    Custom,
    LayerEnergy,
    Objective,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)

__all__ = [
    "ClassScore", "Contrast", "Custom", "Direction", "LayerEnergy", "Matching", "Mixture", "Objective",
    "ReconstructionError", "Several", "Similarity", "Unit", "as_objective", "parts", "words",
]  # fmt: skip
