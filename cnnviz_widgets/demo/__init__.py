"""Trained models and photographs to look at, all without a download.

TensorFlow is imported when a model is asked for, not before.
"""

from __future__ import annotations

from .classifiers import digit_classifier, photo_classifier
from .pictures import digits, photos

__all__ = ["digit_classifier", "digits", "photo_classifier", "photos"]
