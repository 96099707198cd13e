"""Looking into models and layers written as classes: what their `call` does, as a list of calls of other layers."""

from .check import UNKNOWN_SIDE, answer, distance, random_values
from .compound import ClosedError, opened
from .kinds import functional, is_compound
from .record import Call, Called, Opened
from .watching import inlined

__all__ = [
    "UNKNOWN_SIDE",
    "Call",
    "Called",
    "ClosedError",
    "Opened",
    "answer",
    "distance",
    "functional",
    "inlined",
    "is_compound",
    "opened",
    "random_values",
]
