"""What the slower methods cost beside the least that they could: the bare gradient, or bare predictions, in batches.

Run it with ``python benchmarks/methods.py [rounds]``; it prints a Markdown table. Both sides are warmed, take turns
in one process, and are compared by medians. Memory is that of NumPy's arrays, in a process of its own.
"""

from __future__ import annotations

import functools
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnviz_widgets as cnnviz

SAMPLES = 32
CHANNELS = 128
BATCH = 32
CLASS = 282


def photo() -> tuple[keras.Model, cnnviz.Probe, cnnviz.Image]:
    """Return the photo classifier, its probe and a photograph that fits it."""
    model = cnnviz.demo.photo_classifier()
    probe = cnnviz.Probe(model)
    return model, probe, probe.fit(cnnviz.demo.photos()[0])


def bare_gradient(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return what one would write by hand: the slopes of one logit by the pixels of a batch."""
    upper = keras.Model(model.inputs[0], model.layers[-1].input)

    @tf.function(autograph=False)
    def slopes(pixels: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            score = upper(pixels, training=False)[:, CLASS]
        return tape.gradient(score, pixels)

    return lambda pixels: slopes(tf.constant(pixels)).numpy()


def bare_score_cam(model: keras.Model, image: cnnviz.Image, at_once: int) -> Callable[[], np.ndarray]:
    """Return Score-CAM by hand: masks made `at_once`, predicted in batches."""
    maps_of = keras.Model(model.inputs[0], model.get_layer("top_activation").output)
    upper = keras.Model(model.inputs[0], model.layers[-1].input)
    run = tf.function(lambda pixels: upper(pixels, training=False)[:, CLASS], autograph=False)

    def work() -> np.ndarray:
        maps = np.asarray(maps_of(image.pixels[None]))[0]
        order = np.argsort(-maps.std(axis=(0, 1)))[:CHANNELS]
        scores = []
        for begin in range(0, len(order), at_once):
            masks = tf.image.resize(
                np.moveaxis(maps[..., order[begin : begin + at_once]], 2, 0)[..., None], image.size
            ).numpy()
            low, high = masks.min(axis=(1, 2, 3), keepdims=True), masks.max(axis=(1, 2, 3), keepdims=True)
            pictures = (masks - low) / np.maximum(high - low, 1e-9) * image.pixels
            scores += [
                run(tf.constant(pictures[k : k + BATCH])).numpy() for k in range(0, len(pictures), BATCH)
            ]
        weights = tf.nn.softmax(np.concatenate(scores)).numpy()
        return np.maximum(maps[..., order] @ weights, 0)

    return work


def peers_score_cam(model: keras.Model, image: cnnviz.Image) -> Callable[[], np.ndarray]:
    """Return Score-CAM as tf-keras-vis has it, of the same channels and layer; it takes the classifier's output."""
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    upper = keras.Model(model.inputs[0], model.layers[-1].input)
    upper.predict = functools.partial(upper.predict, verbose=0)  # its own call would print a bar each time
    maker, score = Scorecam(upper, clone=False), CategoricalScore(CLASS)
    return lambda: maker(
        score, image.pixels[None], penultimate_layer="top_activation", seek_penultimate_conv_layer=False,
        batch_size=BATCH, max_N=CHANNELS, expand_cam=False, normalize_cam=False,
    )  # fmt: skip


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(sides: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each side; they take turns, after one round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(1 + rounds):
        for name, side in sides.items():
            found[name].append(timed(side))
    return {name: statistics.median(times[1:]) for name, times in found.items()}


def gradients(rounds: int) -> list[str]:
    """Return rows for SmoothGrad and integrated gradients against the bare batched gradient."""
    model, probe, image = photo()
    slopes = bare_gradient(model)
    copies = np.random.default_rng(0).uniform(0, 255, (SAMPLES, *image.pixels.shape)).astype(np.float32)
    sides: dict[str, Callable[[], Any]] = {
        f"bare gradient, batches of {size}": lambda size=size: [  # type: ignore[misc]
            slopes(copies[k : k + size]) for k in range(0, SAMPLES, size)
        ]
        for size in (8, 32)
    }
    sides["SmoothGrad"] = lambda: cnnviz.SmoothGrad(samples=SAMPLES, target=CLASS)(probe, image)
    sides["Integrated gradients"] = lambda: cnnviz.IntegratedGradients(steps=SAMPLES, target=CLASS)(
        probe, image
    )
    taken = in_turn(sides, rounds)
    bare = {size: taken[f"bare gradient, batches of {size}"] for size in (8, 32)}
    return [
        f"| {name}, {SAMPLES} | {taken[name]:.2f} s | {bare[8]:.2f} s in batches of 8, {bare[32]:.2f} s of 32 | "
        f"{taken[name] / bare[8]:.2f}, {taken[name] / bare[32]:.2f} |"
        for name in ("SmoothGrad", "Integrated gradients")
    ]


def score_cam(rounds: int) -> list[str]:
    """Return rows for Score-CAM against the same by hand and tf-keras-vis: time, and memory above the model."""
    model, probe, image = photo()
    taken = in_turn(
        {
            "own": lambda: cnnviz.ScoreCAM(channels=CHANNELS, target=CLASS)(probe, image),
            "bare": bare_score_cam(model, image, BATCH),
            "tf-keras-vis": peers_score_cam(model, image),
        },
        rounds,
    )
    memory = {side: _memory(side) for side in ("own", "bare", "bare, all masks at once")}
    return [
        f"| Score-CAM, {CHANNELS} channels | {taken['own']:.2f} s | {taken['bare']:.2f} s, predictions in batches | "
        f"{taken['own'] / taken['bare']:.2f} |",
        f"| the same | {taken['own']:.2f} s | {taken['tf-keras-vis']:.2f} s, tf-keras-vis | "
        f"{taken['own'] / taken['tf-keras-vis']:.2f} |",
        f"| its arrays at their most | {memory['own']:.0f} MB | {memory['bare']:.0f} MB; "
        f"{memory['bare, all masks at once']:.0f} MB with all masks at once | |",
    ]


def _memory(side: str) -> float:
    run = [sys.executable, __file__, "--memory", side]
    return float(
        json.loads(subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    )


def measure_memory(side: str) -> None:
    """Print how many MB of arrays one Score-CAM holds at most, TensorFlow's own aside."""
    model, probe, image = photo()
    copies = np.repeat(image.pixels[None], BATCH, axis=0)
    probe.scores(copies, CLASS)
    by_hand = bare_score_cam(model, image, CHANNELS if "all" in side else BATCH)
    tracemalloc.start()
    if side == "own":
        cnnviz.ScoreCAM(channels=CHANNELS, target=CLASS)(probe, image)
    else:
        by_hand()
    print(tracemalloc.get_traced_memory()[1] / 2**20)


def layer_walk() -> list[str]:
    """Return rows for the class maps of every layer after one pass."""
    _, probe, image = photo()
    probe.gradient(image, CLASS)
    probe.ruled(image, CLASS, "guided")
    rows = []
    for kind in (cnnviz.GradCAM, cnnviz.GradCAMPlusPlus, cnnviz.LayerCAM, cnnviz.GuidedGradCAM):
        calls = probe.calls
        times = [
            timed(lambda at=layer.name, kind=kind: kind(layer=at, target=CLASS)(probe, image))  # type: ignore[misc]
            for layer in probe.spatial_layers
        ]
        middle, most = statistics.median(times) * 1e3, max(times) * 1e3
        rows.append(
            f"| {kind.label}, another layer | {middle:.1f} ms, at most {most:.1f} ms | "
            f"{probe.calls - calls} model calls | |"
        )
    return rows


def main() -> None:
    if "--memory" in sys.argv:
        measure_memory(sys.argv[-1])
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("| work | time | against | ratio |\n|---|---|---|---|", flush=True)
    for rows in (gradients(rounds), score_cam(rounds), layer_walk()):
        print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
