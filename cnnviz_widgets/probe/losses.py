"""What the loss that a model was compiled with says of the kind of answer it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Meant = Literal["classes", "separate classes", "numbers", "mask", "embedding", "steps", ""]

# Words in the names of losses, the telling ones first: a focal or weighted cross-entropy is one too.
_WORDS: tuple[tuple[str, Meant], ...] = (
    (
        "triplet|contrastive|npair|ntxent|infonce|arcface|cosface|cosine|circleloss|metriclearning",
        "embedding",
    ),
    ("ctc", "steps"),
    ("dice|tversky|jaccard|iou|lovasz", "mask"),
    ("binarycrossentropy|binaryfocal|bce|sigmoid|multilabel", "separate classes"),
    ("categorical|crossentropy|softmax|kldivergence|kullbackleibler|focal|hinge", "classes"),
    (
        "meansquared|meanabsolute|mse|mae|mape|msle|rmse|huber|logcosh|smoothl1|wingloss|l1|l2|ssim|psnr|charbonnier|"
        "perceptual|poisson|pinball|quantile",
        "numbers",
    ),
)


def meant_by_loss(model: Any, output: str, outputs: list[str]) -> Meant:
    """Return what the loss of one output says, or an empty string if the model is not compiled or the loss unknown.

    Parameters
    ----------
    model : keras.Model
        The model.
    output : str
        Name of the output looked at.
    outputs : list of str
        Names of all outputs, in their order.
    """
    loss = getattr(model, "loss", None)
    if isinstance(loss, Mapping):
        loss = loss.get(output)
    elif isinstance(loss, list | tuple):
        loss = loss[outputs.index(output)] if len(loss) == len(outputs) else None
    elif len(outputs) > 1 and not isinstance(loss, str):
        loss = None
    return _meaning(loss)


def _meaning(loss: Any) -> Meant:
    if loss is None:
        return ""
    named = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    plain = re.sub("[^a-z0-9]", "", named.lower())
    return next((meant for words, meant in _WORDS if re.search(words, plain)), "")
