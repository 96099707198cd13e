"""Times ``explore(model, images)`` to its first picture against the same picture by plain Keras and Matplotlib.

Each side runs in a fresh process with the model in memory, then a second time warmed, with another photograph. The
plain side is what one writes by hand: a sub-model, a `tf.function` with a gradient tape, an overlay saved as PNG.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

RUNS = 3
SHARED = """
import json, time
import cnnviz_widgets as cnnviz
model, photos = cnnviz.demo.photo_classifier(), cnnviz.demo.photos()
"""
OURS = (
    SHARED
    + """
import ipywidgets, ipympl.backend_nbagg, cnnviz_widgets.widgets
from ipywidgets.widgets.widget import _instances as models
from cnnviz_widgets.jobs import worker
times = []
for k in (0, 1):
    before, start = len(models), time.perf_counter()
    probe = cnnviz.Probe(model) if k == 0 else probe
    explorer = cnnviz.explore(probe, photos[k:])
    parts = len(models) - before
    while explorer.explanation is None:
        time.sleep(0.002)
    with explorer.lock:
        times.append(time.perf_counter() - start)
    explorer.wait()
    # A user's second explore() meets an idle kernel: the pictures for the strip of depths are made by then.
    worker.wait(explorer.presenter.film, 30)
calls = probe.calls
start = time.perf_counter()
walked = [layer.name for layer in probe.spatial_layers]
image = probe.fit(photos[1])
for name in walked:
    cnnviz.GradCAM(layer=name)(probe, image)
each = (time.perf_counter() - start) / len(walked)
print(json.dumps([*times, parts, each, probe.calls - calls, len(walked)]))
explorer.close()
"""
)
PLAIN = (
    SHARED
    + """
import io, keras, numpy as np, tensorflow as tf
from matplotlib.figure import Figure
times = []
for k in (0, 1):
    start = time.perf_counter()
    if k == 0:
        ends = [model.get_layer(name).output for name in ("top_activation", "predictions")]
        inner = keras.Model(model.input, ends)
        @tf.function
        def grad_cam(x):
            with tf.GradientTape() as tape:
                maps, scores = inner(x, training=False)
                tape.watch(maps)
                top = tf.reduce_max(scores, axis=1)
            weights = tf.reduce_mean(tape.gradient(top, maps), axis=(1, 2), keepdims=True)
            return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1)), scores
    pixels = photos[k].resized((224, 224), "crop").pixels
    heat = grad_cam(tf.constant(pixels[None]))[0].numpy()[0]
    figure = Figure(figsize=(6.6, 4.48))
    axes = figure.add_axes((0, 0, 1, 1)); axes.set_axis_off()
    axes.imshow(pixels / 255)
    axes.imshow(heat, cmap="inferno", alpha=0.5, extent=(0, 224, 224, 0), interpolation="bilinear")
    figure.savefig(io.BytesIO(), format="png")
    times.append(time.perf_counter() - start)
print(json.dumps(times))
"""
)


def measured(code: str) -> list[float]:
    """Run code in a fresh interpreter and return the numbers that it prints last."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    numbers: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return numbers


def main() -> None:
    """Print the tables."""
    ours, plain = [], []
    for _ in range(RUNS):
        ours.append(measured(OURS))
        plain.append(measured(PLAIN))
    print("| first picture of EfficientNet-Lite0 | explore(), s | plain code, s | ratio | target, s |")
    print("|---|---|---|---|---|")
    for k, (case, target) in enumerate((("cold: model in memory, nothing traced", 1.5), ("warmed", 0.3))):
        a, b = (statistics.median(run[k] for run in runs) for runs in (ours, plain))
        print(f"| {case} | {a:.2f} | {b:.2f} | {a / b:.2f} | {target} |")
    *_, parts, each, calls, layers = ours[-1]
    print("\n`explore()` also draws the verdict and builds every control; plain code draws one picture.")
    print(f"An Explorer opens {parts:.0f} widget models in kernel and page.")
    print(f"\nWalking Grad-CAM through {layers:.0f} layers: {calls:.0f} model calls, ", end="")
    print(f"{each * 1000:.1f} ms a layer (target 10).")


if __name__ == "__main__":
    main()
