"""The one folder that knows ipywidgets and ipympl: what a person sees and moves."""

from .comparison.comparison import Comparison
from .explorer.explore import explore
from .explorer.explorer import Explorer
from .feature_maps.browser import FeatureMapBrowser
from .image_generator.generator import ImageGenerator
from .occlusion.explorer import OcclusionExplorer

__all__ = ["Comparison", "Explorer", "FeatureMapBrowser", "ImageGenerator", "OcclusionExplorer", "explore"]
