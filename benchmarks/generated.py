"""How fast pictures are made: steps a second beside a bare forward and backward pass and tf-keras-vis, and memory.

Run it with ``python benchmarks/generated.py [steps]``; it prints a Markdown table. Sides that are compared are warmed
and take turns in one process, and their medians are compared.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import psutil
import tensorflow as tf

import cnnviz_widgets as cnnviz

CLASS = 282
ROUNDS = 5


def bare(model: keras.Model, count: int) -> Callable[[int], None]:
    """Return what a step cannot do without: the slopes of one logit by the pixels of `count` pictures."""
    last = model.layers[-1]
    upper = keras.Model(
        model.inputs[0], last.input if isinstance(last, keras.layers.Softmax) else model.output
    )
    low_high = np.random.default_rng(0).uniform(0, 255, (count, *model.input_shape[1:])).astype(np.float32)
    pixels = tf.constant(low_high)

    @tf.function(autograph=False)
    def slope(pixels: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            score = upper(pixels, training=False)[:, CLASS]
        return tape.gradient(score, pixels)

    def run(steps: int) -> None:
        for _ in range(steps):
            slope(pixels).numpy()

    return run


def ours(probe: cnnviz.Probe, count: int, steps: int) -> Callable[[int], None]:
    """Return activation maximisation of `count` pictures with the usual moves and penalties."""
    method = cnnviz.ActivationMaximization(target=CLASS, count=count, steps=steps, rivals="left alone")

    def run(_: int) -> None:
        for _part in method.explain(probe, None):
            pass

    return run


def peers(model: keras.Model) -> Callable[[int], None]:
    """Return activation maximisation as tf-keras-vis has it, with what it comes with."""
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.utils.scores import CategoricalScore

    last = model.layers[-1]
    upper = keras.Model(
        model.inputs[0], last.input if isinstance(last, keras.layers.Softmax) else model.output
    )
    maker = ActivationMaximization(upper, clone=False)

    def run(steps: int) -> None:
        maker(CategoricalScore(CLASS), steps=steps, callbacks=[])

    return run


def seconds(work: Callable[[int], None], steps: int) -> float:
    """Return how long a step takes."""
    begun = time.perf_counter()
    work(steps)
    return (time.perf_counter() - begun) / steps


def in_turn(sides: dict[str, Callable[[int], None]], steps: int) -> dict[str, float]:
    """Return the median seconds a step of each side; they take turns, after one round that does not count."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(1 + ROUNDS):
        for name, side in sides.items():
            found[name].append(seconds(side, steps))
    return {name: statistics.median(times[1:]) for name, times in found.items()}


def mobile() -> keras.Model:
    """Return MobileNetV2 with random weights that ends in logits."""
    keras.utils.set_random_seed(0)
    return keras.applications.MobileNetV2(weights=None, classifier_activation=None)


def rates(steps: int) -> list[str]:
    """Return rows for the rate of steps against the bare pass and the peer."""
    rows = []
    for name, model in (("EfficientNet-Lite0", cnnviz.demo.photo_classifier()), ("MobileNetV2", mobile())):
        probe = cnnviz.Probe(model, value_range=(0, 255))
        for count in (1, 4):
            found = in_turn({"bare": bare(model, count), "ours": ours(probe, count, steps)}, steps)
            rows.append(
                f"| {name}, {count} at once | {1 / found['ours']:.1f} steps/s | bare pass {1 / found['bare']:.1f} | "
                f"{found['bare'] / found['ours']:.2f} |"
            )
    found = in_turn({"peer": peers(model), "ours": ours(probe, 1, steps)}, steps)
    rows.append(
        f"| MobileNetV2 | {1 / found['ours']:.1f} steps/s | tf-keras-vis {1 / found['peer']:.1f} | "
        f"{found['peer'] / found['ours']:.1f} |"
    )
    return rows


def growth(steps: int = 1000) -> str:
    """Return a row for how much memory `steps` steps add, after a hundred that do not count."""
    probe = cnnviz.Probe(cnnviz.demo.digit_classifier())
    kept = list(cnnviz.ActivationMaximization(target=3, steps=100).explain(probe, None))[-1:]
    sizes = [resident()]
    for part in cnnviz.ActivationMaximization(target=3, steps=steps).explain(probe, None):
        kept = [part]
        sizes.append(resident())
    return f"| digits, {len(kept[0].curve)} steps | {max(sizes) - sizes[0]:.0f} MB more at the most | | |"


def resident() -> float:
    """Return how much memory this process holds now, in MB."""
    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    print("| work | ours | other | ours : other |\n|---|---|---|---|", flush=True)
    print(growth(), flush=True)
    print("\n".join(rates(steps)), flush=True)


if __name__ == "__main__":
    main()
