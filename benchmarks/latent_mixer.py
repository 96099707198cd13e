"""How long the kernel takes from a slider of the LatentMixer to the new picture.

Run it with ``python benchmarks/latent_mixer.py``; it prints a Markdown table. The network is the demo's autoencoder on
two of its held-out pictures. A move is measured from the slider's new value to the frame that is handed to the page:
mixing the codes, decoding, drawing all three pictures and the tiles of the code, and encoding the preview. The page's
own work and the way to it are not in it. The reference decodes the same code with a bare ``tf.function`` of the layers
behind it and draws nothing. Both are warmed. Processor time is that of all threads of the process, and less disturbed
by other work on the machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import cnnviz_widgets as cnnviz

MOVES = 60


def decoder(model: keras.Model, layer: str) -> Callable[[np.ndarray], Any]:
    """Return a bare compiled function of the layers after one of a plain stack."""
    names = [one.name for one in model.layers]
    after = model.layers[names.index(layer) + 1 :]
    shape = model.get_layer(layer).output.shape

    @tf.function(input_signature=[tf.TensorSpec((None, *shape[1:]), tf.float32)], autograph=False)
    def run(code: Any) -> Any:
        for one in after:
            code = one(code)
        return code

    return run


def moves(mixer: cnnviz.LatentMixer, slider: Any, values: np.ndarray) -> list[tuple[float, float]]:
    """Return the milliseconds, and those of processor time, from each new value of a slider to the picture."""
    taken = []
    for value in values:
        begun, used = time.perf_counter(), time.process_time()
        slider.value = float(value)
        mixer.session.wait(30)
        taken.append(((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000))
        mixer.wait(30)  # the film is drawn in the background, once a slider rests
    return taken


def bare(run: Callable[[np.ndarray], Any], codes: np.ndarray, values: np.ndarray) -> list[float]:
    """Return the milliseconds that decoding alone takes for each value."""
    taken = []
    for value in values:
        begun = time.perf_counter()
        run((1 - value) * codes[:1] + value * codes[1:]).numpy()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def row(name: str, taken: list[tuple[float, float]], reference: float) -> str:
    """Return a row of the table."""
    wall, used = zip(*taken, strict=True)
    figures = (
        reference,
        statistics.median(wall),
        float(np.percentile(wall, 95)),
        max(wall),
        statistics.median(used),
    )
    return f"| {name} | " + " | ".join(f"{figure:.1f} ms" for figure in figures) + " |"


def main() -> None:
    """Measure and print."""
    model, pictures = cnnviz.demo.autoencoder(), cnnviz.demo.gallery().images[:8]
    begun = time.perf_counter()
    mixer = cnnviz.LatentMixer(model, pictures)
    mixer.session.wait(60)
    first = time.perf_counter() - begun
    mixer.wait(60)
    run = decoder(model, mixer.layer)
    codes = mixer.probe.encode(pictures[:2], mixer.layer)
    shares = np.random.default_rng(0).permutation(np.linspace(0, 1, MOVES))
    bare(run, codes, shares[:5])
    reference = statistics.median(bare(run, codes, shares))
    walk, scale = mixer.view.walk.slider, mixer.view.editor._scale
    rows = [row("walk from A to B", moves(mixer, walk, shares), reference)]
    rows.append(row("scale of a channel", moves(mixer, scale, 3 * shares), reference))
    mixer.reset()
    mixer.beside = "focus"
    mixer.wait(60)
    rows.append(row("walk, with the map of the focus", moves(mixer, walk, shares), reference))
    print(
        "| slider | the bare decoder | median | 95 of 100 | longest | processor time, median |\n"
        + "|---" * 6
        + "|"
    )
    print("\n".join(rows))
    print(f"\nFrom the call to the first picture, tracing included: {first:.2f} s.")
    mixer.close()


if __name__ == "__main__":
    main()
