"""How long Saliency, Grad-CAM and a layer switch take, against a bare forward and backward pass in one run.

Run it with ``python benchmarks/gradients.py [rounds]``; it prints a Markdown table. Both sides are warmed, take turns
on pictures that neither has seen, and are compared by medians; the ratio's spread is that of the rounds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnviz_widgets as cnnviz

WARM_UP = 5


def small_cnn() -> keras.Model:
    """Return four convolutions and a dense layer for 96 x 96 pictures."""
    image = keras.Input((96, 96, 3), name="image")
    x = image
    for filters in (16, 32, 64, 64):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(10)(x), name="small CNN")


def bare(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return what one would write by hand: the slope of one logit by the pixels."""
    last = model.layers[-1]
    logits = last.input if isinstance(last, keras.layers.Softmax) else model.output
    upper = keras.Model(model.inputs[0], logits)

    @tf.function(autograph=False)
    def slope(pixels: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            score = upper(pixels, training=False)[:, 5]
        return tape.gradient(score, pixels)

    return lambda pixels: slope(tf.constant(pixels[None])).numpy()


def pictures(shape: tuple[int, int, int], high: float) -> Iterator[np.ndarray]:
    """Yield new random pictures without end."""
    source = np.random.default_rng(0)
    while True:
        yield source.uniform(0, high, shape).astype(np.float32)


def timed(work: Callable[[], Any]) -> float:
    """Return how many milliseconds a call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def first_calls(model: keras.Model, probe: cnnviz.Probe, image: cnnviz.Image) -> list[str]:
    """Return rows for what is paid once: a new probe, and the first picture of each side, tracing included."""
    by_hand = bare(model)
    first = timed(lambda: probe.natural_target(image))
    return [
        f"| {model.name} | `Probe(model)` | {timed(lambda: cnnviz.Probe(model)):.0f} ms | | |",
        f"| {model.name} | first question | {first:.0f} ms | {timed(lambda: by_hand(image.pixels)):.0f} ms | |",
    ]


def in_turn(model: keras.Model, probe: cnnviz.Probe, rounds: int) -> list[str]:
    """Return rows for Saliency and Grad-CAM against the bare pass, each time on a new picture."""
    by_hand = bare(model)
    shape, (low, high) = probe.input_shape, probe.value_range or (0.0, 1.0)
    new = pictures(shape, high)  # type: ignore[arg-type]
    sides: dict[str, Callable[[np.ndarray], Any]] = {
        "bare": by_hand,
        "Saliency": lambda p: cnnviz.Saliency(target=5)(probe, cnnviz.Image(p, (low, high))),
        "Grad-CAM": lambda p: cnnviz.GradCAM(target=5)(probe, cnnviz.Image(p, (low, high))),
    }
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(WARM_UP + rounds):
        for name, side in sides.items():
            pixels = next(new)
            found[name].append(timed(lambda side=side, pixels=pixels: side(pixels)))  # type: ignore[misc]
    taken = {name: statistics.median(times[WARM_UP:]) for name, times in found.items()}
    return [
        f"| {model.name} | {name} | {taken[name]:.1f} ms | {taken['bare']:.1f} ms | "
        f"{taken[name] / taken['bare']:.2f} |"
        for name in ("Saliency", "Grad-CAM")
    ]


def layer_switches(model: keras.Model, probe: cnnviz.Probe, image: cnnviz.Image) -> list[str]:
    """Return a row for Grad-CAM at every layer that has maps, after one pass."""
    probe.gradient(image, 5)
    calls = probe.calls
    times = [
        timed(lambda name=layer.name: cnnviz.GradCAM(layer=name, target=5)(probe, image))  # type: ignore[misc]
        for layer in probe.spatial_layers
    ]
    assert probe.calls == calls
    middle, worst = statistics.median(times), max(times)
    return [f"| {model.name} | another layer | {middle:.1f} ms, at most {worst:.1f} ms | no model call | |"]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    print("| model | work | time | bare `tf.function` | ratio |\n|---|---|---|---|---|", flush=True)
    for model in (cnnviz.demo.photo_classifier(), small_cnn()):
        probe = cnnviz.Probe(model)
        low, high = probe.value_range or (0.0, 1.0)
        image = cnnviz.Image(next(pictures(probe.input_shape, high)), (low, high))  # type: ignore[arg-type]
        for rows in (
            first_calls(model, probe, image),
            in_turn(model, probe, rounds),
            layer_switches(model, probe, image),
        ):
            print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
