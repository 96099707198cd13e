"""Trained models and pictures to look at, all without a download.

TensorFlow is imported when a model is asked for, not before.
"""

from __future__ import annotations

from .classifiers import digit_classifier, photo_classifier
from .clothes import Gallery, clothes, gallery
from .pictures import digits, photos
from .scenes import Scenes, scenes
from .trained_autoencoder import autoencoder
from .trained_segmenter import segmenter
from .trained_transformer import transformer

__all__ = [
    "Gallery",
    "Scenes",
    "autoencoder",
    "clothes",
    "digit_classifier",
    "digits",
    "gallery",
    "photo_classifier",
    "photos",
    "scenes",
    "segmenter",
    "transformer",
]
