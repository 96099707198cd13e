"""The one folder that knows ipywidgets and ipympl: what a person sees and moves."""

from .comparison.comparison import Comparison
from .explorer.explorer import Explorer, explore
from .feature_maps.browser import FeatureMapBrowser
from .image_generator.generator import ImageGenerator
from .latent_mixer.mixer import LatentMixer
from .latent_mixer.mixture import CodeEdit
from .occlusion.explorer import OcclusionExplorer
from .similarity.explorer import SimilarityExplorer

__all__ = [
    "CodeEdit", "Comparison", "Explorer", "FeatureMapBrowser", "ImageGenerator", "LatentMixer", "OcclusionExplorer",
    "SimilarityExplorer", "explore",
]  # fmt: skip
