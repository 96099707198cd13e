"""What it costs to look whether any number of a network's weights has changed, beside one bare forward pass.

Run it with ``python benchmarks/weight_check.py [rounds]``; it prints a Markdown table. All sides are warmed, take
turns in one process, and are compared by medians. "Unchanged" is what every question pays; "written again" is the most
that one can cost: all weights lie elsewhere and every number is compared. Two ways that read every number each time
stand beside it: zlib's checksum, and TensorFlow's own fingerprint in one compiled function.
"""

from __future__ import annotations

import statistics
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.cache import WeightsStamp


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def fingerprints(variables: list[Any]) -> Callable[[], Any]:
    """Return a compiled function that reads every number of some variables."""

    @tf.function(input_signature=(), autograph=False)
    def read() -> Any:
        rows = [tf.reshape(variable, (1, -1)) for variable in variables]
        return tf.concat([tf.raw_ops.Fingerprint(data=row, method="farmhash64") for row in rows], 0)

    return lambda: read().numpy()


def measure(name: str, model: keras.Model, rounds: int) -> str:
    """Return a row of the table."""
    stamp, variables = WeightsStamp(model), [weight.value for weight in model.weights]
    picture = tf.constant(np.random.default_rng(0).uniform(0, 1, (1, *model.input_shape[1:])), tf.float32)
    forward = tf.function(lambda pixels: model(pixels, training=False), autograph=False)
    fingerprint = fingerprints(variables)

    def written() -> float:
        model.set_weights(model.get_weights())
        return timed(stamp.now)

    sides: dict[str, Callable[[], float]] = {
        "forward": lambda: timed(lambda: forward(picture).numpy()),
        "unchanged": lambda: timed(stamp.now),
        "written": written,
        "crc": lambda: timed(lambda: [zlib.crc32(v.numpy()) for v in variables]),
        "fingerprint": lambda: timed(fingerprint),
    }
    for _ in range(10):
        stamp.now()
    found: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(1 + rounds):
        for side, work in sides.items():
            found[side].append(work())
        stamp.now()
    ms = {side: 1000 * statistics.median(times[1:]) for side, times in found.items()}
    return (
        f"| {name}, {len(variables)} weights of {model.count_params() / 1e6:.1f} million numbers | "
        f"{ms['forward']:.1f} ms | {ms['unchanged']:.2f} ms | {ms['unchanged'] / ms['forward']:.3f} | "
        f"{ms['written']:.1f} ms | {ms['crc']:.1f} ms | {ms['fingerprint']:.1f} ms |"
    )


def main(rounds: int) -> None:
    """Print the table."""
    print(
        "| network | bare forward pass | unchanged | ratio | written again | zlib's crc | fingerprint |\n"
        "|---|---|---|---|---|---|---|"
    )
    print(measure("EfficientNet-Lite0", cnnviz.demo.photo_classifier(), rounds), flush=True)
    for kind in (keras.applications.EfficientNetB0, keras.applications.ResNet50V2, keras.applications.VGG16):
        print(measure(kind.__name__, kind(weights=None), rounds), flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
