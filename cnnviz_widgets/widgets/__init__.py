"""The one folder that knows ipywidgets and ipympl: what a person sees and moves."""

from .comparison import Comparison
from .explore import explore
from .explorer import Explorer
from .feature_map_browser import FeatureMapBrowser

__all__ = ["Comparison", "Explorer", "FeatureMapBrowser", "explore"]
