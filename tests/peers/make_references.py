"""Writes references.npz: what tf-keras-vis and xplique find on the small network.

Run it where both are installed, e.g. ``pip install tf-keras-vis xplique`` into an environment of its own (xplique asks
for TensorFlow Probability), as ``python tests/peers/make_references.py``.
The stored arrays are from tf-keras-vis 0.8.7 and xplique 2.0.2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from small import INDEX, network, pixels
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from xplique.attributions import DeconvNet, GradientInput, GuidedBackprop, IntegratedGradients

STEPS = 500


def by_tf_keras_vis(batch: np.ndarray) -> dict[str, np.ndarray]:
    """Return raw maps, neither enlarged nor normalised."""

    def score(output: Any) -> Any:
        return output[:, INDEX]

    raw = {"penultimate_layer": "conv_2", "expand_cam": False, "normalize_cam": False}
    found = {
        "vis saliency": Saliency(network())(
            score, batch, gradient_modifier=None, normalize_map=False, keepdims=True
        )
    }
    for name, kind in (
        ("grad_cam", Gradcam),
        ("grad_cam_plus_plus", GradcamPlusPlus),
        ("layer_cam", Layercam),
    ):
        found[f"vis {name}"] = kind(network(), clone=True)(score, batch, **raw)
    return found


def by_xplique(batch: np.ndarray) -> dict[str, np.ndarray]:
    """Return raw maps by pixel and channel."""
    target = np.eye(4, dtype=np.float32)[[INDEX]]
    return {
        "xplique gradient_input": GradientInput(network(), reducer=None)(batch, target),
        "xplique integrated_gradients": IntegratedGradients(network(), steps=STEPS, reducer=None)(
            batch, target
        ),
        "xplique guided": GuidedBackprop(network(), reducer=None)(batch, target),
        "xplique deconvnet": DeconvNet(network(), reducer=None)(batch, target),
    }


def main() -> None:
    batch = pixels()[None]
    made = {**by_tf_keras_vis(batch), **by_xplique(tf.constant(batch))}
    arrays = {name.replace(" ", "_"): np.asarray(found, np.float32)[0] for name, found in made.items()}
    np.savez_compressed(Path(__file__).with_name("references.npz"), **arrays)
    print({name: array.shape for name, array in arrays.items()})


if __name__ == "__main__":
    main()
