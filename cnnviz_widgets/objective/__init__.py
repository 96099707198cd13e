"""What is explained or maximised, as plain data: it names a number that the model yields, and computes nothing."""

from .made import Direction, Matching, Mixture, Several
from .naming import parts, words
from .places import Box, Mask, Place
from .plain import (
    ClassScore,
    Contrast,
    Custom,
    LayerEnergy,
    Objective,
    Output,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)

__all__ = [
    "Box", "ClassScore", "Contrast", "Custom", "Direction", "LayerEnergy", "Mask", "Matching", "Mixture", "Objective",
    "Output", "Place", "ReconstructionError", "Several", "Similarity", "Unit", "as_objective", "parts", "words",
]  # fmt: skip
