"""What a network calls similar: pairs compared by their codes, the codes of many pictures, and their neighbours."""

from .gallery import Codes
from .nearest import Neighbours
from .pair import BY, SimilarityMaps, similarity
from .patches import PatchSimilarity
from .plane import Plane, ways
from .sources import Skipped

__all__ = [
    "BY", "Codes", "Neighbours", "PatchSimilarity", "Plane", "SimilarityMaps", "Skipped", "similarity", "ways",
]  # fmt: skip
