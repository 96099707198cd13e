"""See what a convolutional network looks at: live pictures of a Keras CNN in a notebook.

Importing this package loads neither TensorFlow nor a Matplotlib backend; both come with the first model.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from .drawable import drawn_by

__version__ = "0.1.0"

_HOME = {
    "comparisons.compare": ("compare",),
    "comparisons.result": ("Compared",),
    "embeddings.decomposition": ("Decomposition", "Match"),
    "embeddings.gallery": ("Codes",),
    "embeddings.neighbours": ("Neighbours",),
    "embeddings.pairs": ("SimilarityMaps", "similarity"),
    "embeddings.patches": ("PatchSimilarity",),
    "embeddings.projection": ("Plane",),
    "embeddings.result": ("Likeness",),
    "errors": (
        "CnnvizError", "ImageError", "LayerError", "MissingPackageError", "ModelError", "SettingError", "TargetError",
    ),
    "explanation": (
        "ActivationMaps", "ColourMap", "Explanation", "FilteredPixels", "GeneratedImage", "Heatmap", "Kernels",
        "LabelMap",
    ),
    "images.image": ("Image",),
    "method": ("Method", "register"),
    "methods": ("generators",),
    "methods.activation_matching": ("ActivationMatching",),
    "methods.activation_maximization": ("ActivationMaximization",),
    "methods.attention": ("Attention",),
    "methods.attention_rollout": ("AttentionRollout",),
    "methods.cam": ("CAM",),
    "methods.deconvnet": ("Deconvnet",),
    "methods.deep_dream": ("DeepDream",),
    "methods.feature_maps": ("FeatureMaps",),
    "methods.filter_response": ("FilterResponse",),
    "methods.filters": ("Filters",),
    "methods.grad_cam": ("GradCAM",),
    "methods.grad_cam_plus_plus": ("GradCAMPlusPlus",),
    "methods.gradient_times_input": ("GradientTimesInput",),
    "methods.guided_backprop": ("GuidedBackprop",),
    "methods.guided_grad_cam": ("GuidedGradCAM",),
    "methods.integrated_gradients": ("IntegratedGradients",),
    "methods.layer_cam": ("LayerCAM",),
    "methods.occlusion": ("Occlusion",),
    "methods.rise": ("RISE",),
    "methods.saliency": ("Saliency",),
    "methods.score_cam": ("ScoreCAM",),
    "methods.smooth_grad": ("SmoothGrad",),
    "objectives": (
        "ClassScore", "Contrast", "Custom", "Direction", "LayerEnergy", "Matching", "Mixture",
        "Objective", "Output", "ReconstructionError", "Several", "Similarity", "Unit",
    ),
    "probe": (
        "AttentionLayer", "Gradient", "Kernel", "LayerInfo", "PreprocessingCheck", "Probe", "Received",
        "ReceptiveField", "Tokens",
    ),
    "regions": ("Box", "Mask"),
    "style": ("Style",),
    "session": ("Session",),
    "occlusion": ("Swept",),
    "trust": ("Trust", "TrustOptions", "evaluate"),
    "widgets": (
        "CodeEdit", "Comparison", "Explorer", "FeatureMapBrowser", "ImageGenerator", "LatentMixer", "OcclusionExplorer",
        "SimilarityExplorer", "explore",
    ),
}  # fmt: skip
_WHERE = {name: home for home, names in _HOME.items() for name in names}

drawn_by(partial(importlib.import_module, ".export", __name__))

_FOLDERS = ("demo", "methods", "trust")

__all__ = ["__version__", *_FOLDERS, *sorted(_WHERE)]


def __getattr__(name: str) -> Any:
    if name in _FOLDERS:
        return importlib.import_module(f".{name}", __name__)
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
