"""What the attention of a new picture costs, all heads of all layers, beside one bare forward pass.

Run it with ``python benchmarks/attention.py [rounds]``; it prints a Markdown table. Both sides are warmed, take turns
in one process on pictures they have not seen, and are compared by medians of processor time. The bare pass is
the model in one `tf.function`; ``probe.attention`` looks for changed weights, runs, checks that rows add
up to 1 and hands out arrays.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz


def vision_transformer(width: int = 192, heads: int = 3, blocks: int = 12) -> keras.Model:
    """Return ViT-Ti/16 with random weights: 224x224x3, 14x14 tokens and a class token."""
    keras.utils.set_random_seed(0)
    image = keras.Input((224, 224, 3))
    x = layers.Reshape((196, width))(layers.Conv2D(width, 16, strides=16)(image))
    x = layers.EinsumDense("btc,cd->btd", (197, width), bias_axes="td")(layers.ZeroPadding1D((1, 0))(x))
    for number in range(blocks):
        normal = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(heads, width // heads, name=f"attention_{number}")(normal, normal)
        hidden = layers.Dense(4 * width, activation="gelu")(layers.LayerNormalization()(x))
        x = x + layers.Dense(width)(hidden)
    return keras.Model(image, layers.Dense(1000)(layers.LayerNormalization()(x)[:, 0]), name="ViT-Ti-16")


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds of processor time a call takes: other work on the machine is not in it."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(model: keras.Model, rounds: int) -> str:
    """Return a row of the table."""
    probe, source = cnnviz.Probe(model), np.random.default_rng(0)
    forward = tf.function(lambda pixels: model(pixels, training=False), autograph=False)
    bare, read = [], []
    for number in range(rounds + 3):
        pixels = source.uniform(0, 1, probe.input_shape).astype(np.float32)
        image, batch = cnnviz.Image(pixels, (0, 1)), tf.constant(pixels[None])
        sides = (timed(lambda b=batch: forward(b).numpy()), timed(lambda i=image: probe.attention(i)))  # type: ignore[misc]
        if number >= 3:
            bare.append(sides[0])
            read.append(sides[1])
    one, other = statistics.median(bare), statistics.median(read)
    again = timed(lambda: probe.attention(image))
    return (
        f"| {model.name}, {len(probe.attention_layers)} layers of attention | {one * 1e3:.1f} ms | {other * 1e3:.1f}"
        f" ms | {other / one:.2f} | {again * 1e3:.1f} ms |"
    )


def main(rounds: int) -> None:
    """Print the table."""
    print(
        "| network | bare forward pass | attention | ratio | the same picture again |\n|---|---|---|---|---|"
    )
    for model in (vision_transformer(), cnnviz.demo.transformer()):
        print(measure(model, rounds), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
