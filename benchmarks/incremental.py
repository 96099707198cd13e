"""How much faster a patch at many places is answered by windows than by batches of whole pictures.

Run it with ``python benchmarks/incremental.py [network ...]``; it prints a Markdown table. Each network runs in a
process of its own. Both sides are warmed and take turns; the baseline is a bare ``tf.function`` of the model on batches
of 32 pictures, of which a part of the positions is measured and scaled up. The ratio is that of wall-clock medians; the
one of processor time is less disturbed by other work on the machine. The difference is the largest one, as a share of
the range of the outputs. Memory is the peak above what the process held once the model had answered one picture.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnviz_widgets as cnnviz

ROUNDS = 3
SWEEPS = {
    "encoder": (4, 2),
    **dict.fromkeys(("VGG16", "ResNet50V2", "MobileNetV2", "EfficientNet-Lite0"), (16, 8)),
}
BATCH = 32
NETWORKS = (
    "encoder", "MobileNetV2", "EfficientNet-Lite0", "ResNet50V2", "VGG16", "EfficientNetB0", "DenseNet121",
    "InceptionV3",
)  # fmt: skip


def encoder() -> keras.Model:
    """Return the encoder of an autoencoder for 64 x 64 pictures: four convolutions, four poolings."""
    image = keras.Input((64, 64, 3), name="image")
    x = image
    for filters in (32, 32, 32, 32):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
    return keras.Model(image, x, name="encoder")


def alive(model: keras.Model, pixels: np.ndarray) -> keras.Model:
    """Give batch normalisations random slopes and the statistics of their own activations."""
    source = np.random.default_rng(0)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in norms:
        layer.momentum = 0.0
        if layer.scale:
            layer.gamma.assign(source.uniform(0.5, 1.5, layer.gamma.shape))
        layer.beta.assign(source.uniform(-0.5, 0.5, layer.beta.shape))
    if norms:
        model(pixels, training=True)
    return model


def network(name: str) -> tuple[keras.Model, cnnviz.Image]:
    """Return a network, with seeded random weights where no trained ones exist, and a picture for it."""
    keras.utils.set_random_seed(0)
    if name == "EfficientNet-Lite0":
        model = cnnviz.demo.photo_classifier()
        return model, cnnviz.Probe(model).fit(cnnviz.demo.photos()[0])
    model = encoder() if name == "encoder" else _application(name)
    low, high = (0, 255) if "Efficient" in name else (-1, 1)
    pixels = np.random.default_rng(1).uniform(low, high, (4, *model.input_shape[1:])).astype(np.float32)
    return alive(model, pixels), cnnviz.Image(pixels[0], (low, high))


def _application(name: str) -> keras.Model:
    return getattr(keras.applications, name)(weights=None, classifier_activation=None)


def positions(size: tuple[int, int], patch: int, stride: int) -> np.ndarray:
    """Return first row and column of every position, int (N, 2), in a scattered order."""
    axes = [np.unique([*range(0, n - patch, stride), n - patch]) for n in size]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.random.default_rng(0).permutation(places)


def whole_pictures(model: keras.Model, pixels: np.ndarray, places: np.ndarray, patches: np.ndarray) -> Any:
    """Return the baseline: a function of the number of positions that returns the outputs."""
    signature = [tf.TensorSpec((None, *pixels.shape), tf.float32)]
    compiled = tf.function(lambda x: model(x, training=False), input_signature=signature, autograph=False)
    size = patches.shape[1]

    def run(count: int) -> np.ndarray:
        made = []
        for first in range(0, count, BATCH):
            batch = np.repeat(pixels[None], min(BATCH, count - first), axis=0)
            for k, (top, left) in enumerate(places[first : first + BATCH]):
                if k < len(batch):
                    batch[k, top : top + size, left : left + size] = patches[first + k]
            made.append(compiled(tf.constant(batch)).numpy())
        return np.concatenate(made)

    return run


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall-clock seconds, processor seconds, and the result of a call."""
    begun, used = time.perf_counter(), time.process_time()
    made = work()
    return time.perf_counter() - begun, time.process_time() - used, made


def peak() -> float:
    """Return the most memory the process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(name: str) -> str:
    """Return one network's row."""
    model, image = network(name)
    patch, stride = SWEEPS.get(name, (16, 16))
    places = positions(image.size, patch, stride)
    probe = cnnviz.Probe(model)
    probe.predict(image)
    held = peak()
    patched = probe.patched(image, ["output"], places, (patch, patch))
    patches = patched.patches(np.full_like(image.pixels, np.mean(image.range)))
    first, _, (found,) = timed(lambda: patched.answers(patches))
    above = peak() - held
    full = whole_pictures(model, image.pixels, places, patches)
    few = min(len(places), 1024 if name == "encoder" else 64)
    full(few)
    windows_taken, full_taken = [], []
    for _ in range(ROUNDS):
        full_taken.append(timed(lambda: full(few)))
        windows_taken.append(timed(lambda: patched.answers(patches)))
    expected, scale = full_taken[-1][2], len(places) / few
    wall, used = [statistics.median(t[k] for t in full_taken) * scale for k in (0, 1)]
    own_wall, own_used = (statistics.median(t[k] for t in windows_taken) for k in (0, 1))
    apart = np.abs(found[:few] - expected).max() / np.ptp(expected)
    return (
        f"| {name} | {patch}/{stride} | {len(places)} | {wall:.2f} s | {own_wall:.2f} s | {wall / own_wall:.1f} | "
        f"{used / own_used:.1f} | {patched.gain:.1f} | {first:.2f} s | {apart:.0e} | {above:.0f} MB |"
    )


def main() -> None:
    """Print the table; with ``--row`` print one row of it."""
    if sys.argv[1:2] == ["--row"]:
        print(row(sys.argv[2]), flush=True)
        return
    print(
        "| network | patch/stride | positions | whole pictures | windows | ratio | ratio of processor time | "
        "predicted | first time | difference | memory |\n" + "|---" * 11 + "|",
        flush=True,
    )
    for name in sys.argv[1:] or NETWORKS:
        subprocess.run([sys.executable, __file__, "--row", name], check=True)


if __name__ == "__main__":
    main()
