r"""How fast and how alike a sweep of occlusion is, against batches of whole pictures and against xplique.

Run it with ``python benchmarks/occlusion.py [network ...]``; it prints a Markdown table. Each network runs in a process
of its own, all sides warmed and in turn, at the same positions; the first ratio is that of processor time, which other
work on the machine disturbs least, and that of the clock stands beside it. Whole pictures and xplique are measured at a
part of the positions and scaled up. xplique's falls are compared after its sums are divided by coverage.

xplique asks for an older TensorFlow than this package is tested with, so it is not installed beside it. Put it where
only this script looks, and run the script again; without it that column stays empty::

    pip install --no-deps --target build/peers xplique==2.0.2 tensorflow-probability tf-keras dm-tree \
        einops deprecated wrapt decorator cloudpickle opencv-python-headless
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from incremental import NETWORKS, SWEEPS, network, peak, positions, timed, whole_pictures

import cnnviz_widgets as cnnviz

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "build" / "peers"
ROUNDS, LONG = 5, 5.0  # turns of each side, or one where windows take more seconds than that
INDEX = 5


def explained(model: keras.Model) -> tuple[Any, Callable[[Any], Any]]:
    """Return what is explained, and the same as a function of the model's output: a class, or the code's energy."""
    if len(model.output_shape) == 4:
        return cnnviz.LayerEnergy(
            model.layers[-1].name
        ), lambda out: tf.reduce_mean(out**2, axis=(1, 2, 3)) / 2
    return cnnviz.ClassScore(INDEX, "probability"), lambda out: out[:, INDEX]


def xplique_sums(
    model: keras.Model, score: Callable[[Any], Any], pixels: np.ndarray, patch: int, stride: int, grey: float
) -> Callable[[], np.ndarray] | None:
    """Return xplique's sweep as a function that returns its sums, (H, W); None if it is not there."""
    if not (PEERS / "xplique").is_dir():
        return None
    sys.path.insert(0, str(PEERS))
    from xplique.attributions import Occlusion

    explainer = Occlusion(
        model, batch_size=32, operator=lambda net, x, _: score(net(x)), patch_size=patch, patch_stride=stride,
        occlusion_value=grey,
    )  # fmt: skip
    return lambda: np.asarray(explainer(pixels[None], np.zeros((1, 1), np.float32)))[0].squeeze()


def row(name: str) -> str:
    """Return one network's row."""
    model, image = network(name)
    patch, stride = SWEEPS.get(name, (16, 16))
    target, score = explained(model)
    grey, places = float(np.mean(image.range)), positions(image.size, patch, stride)
    probe = cnnviz.Probe(model)
    probe.predict(image)
    held = peak()
    patched = probe.patched(image, [target], places, (patch, patch))
    patches = patched.patches(np.full_like(image.pixels, grey))
    rounds = 1 if timed(lambda: patched.answers(patches))[1] > LONG else ROUNDS
    above = peak() - held
    step = stride if name == "encoder" else -(-(image.size[0] - patch) // 7 // stride) * stride
    few = positions(image.size, patch, step)
    whole = whole_pictures(model, image.pixels, few, np.full((len(few), patch, patch, 3), grey, np.float32))
    peer = xplique_sums(model, score, image.pixels, patch, step, grey)
    sides: dict[str, Callable[[], Any]] = {
        "windows": lambda: patched.answers(patches)[0],
        "whole": lambda: np.asarray(score(whole(len(few)))),
        **({} if peer is None else {"xplique": peer}),
    }
    taken = in_turn(sides, rounds)
    at = {tuple(place): k for k, place in enumerate(places.tolist())}
    own, other = taken["windows"][2][[at[tuple(place)] for place in few.tolist()]], taken["whole"][2]
    apart = np.abs(own - other).max() / max(float(np.ptp(other)), 1e-12)
    falls, many = float(probe.scores(image, target)[0]) - own, len(places)
    alike = "" if peer is None else f"{unlike(falls, few, patch, step, taken['xplique'][2]):.0e}"
    seconds = taken["whole"][1] * many / len(few), taken["windows"][1]
    return (
        f"| {name} | {patch}/{stride} | {many} | {seconds[0]:.1f} s | {seconds[1]:.2f} s | "
        f"{ratios(taken, 'whole', many / len(few))} | {ratios(taken, 'xplique', many / fitting(image, patch, step))} | "
        f"{apart:.0e} | {alike} | {above:.0f} MB |"
    )


def in_turn(sides: dict[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, float, Any]]:
    """Return the middle clock and processor seconds of each side, and what it found; all are warmed first."""
    for work in sides.values():
        work()
    taken: dict[str, list[tuple[float, float, Any]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, work in sides.items():
            taken[side].append(timed(work))
    return {
        side: (statistics.median(t[0] for t in turns), statistics.median(t[1] for t in turns), turns[0][2])
        for side, turns in taken.items()
    }


def ratios(taken: dict[str, tuple[float, float, Any]], side: str, scale: float) -> str:
    """Return how many times longer a side takes than windows, of the processor and by the clock."""
    if side not in taken:
        return " | "
    return f"{taken[side][1] * scale / taken['windows'][1]:.1f} | {taken[side][0] * scale / taken['windows'][0]:.1f}"


def fitting(image: cnnviz.Image, patch: int, step: int) -> int:
    """Return at how many positions xplique puts the patch: it leaves out what does not fit at the border."""
    return int(np.prod([len(range(0, n - patch + 1, step)) for n in image.size]))


def unlike(falls: np.ndarray, places: np.ndarray, patch: int, step: int, sums: np.ndarray) -> float:
    """Return by how much falls differ from xplique's sums, both divided by coverage, as a share of their range."""
    covers, total = np.zeros(sums.shape), np.zeros(sums.shape)
    for (top, left), fall in zip(places, falls, strict=True):
        if top % step == 0 and left % step == 0:
            covers[top : top + patch, left : left + patch] += 1
            total[top : top + patch, left : left + patch] += fall
    seen = covers > 0
    mine, theirs = total[seen] / covers[seen], sums[seen] / covers[seen]
    return float(np.abs(mine - theirs).max() / max(float(np.ptp(mine)), 1e-12))


def main() -> None:
    """Print the table; with ``--row`` print one row of it."""
    if sys.argv[1:2] == ["--row"]:
        print(row(sys.argv[2]), flush=True)
        return
    print(
        "| network | patch/stride | positions | whole pictures, processor | windows, processor | whole / windows | "
        "by the clock | xplique / windows | by the clock | difference | xplique's falls differ | memory |\n"
        + "|---" * 12 + "|",
        flush=True,
    )  # fmt: skip
    for name in sys.argv[1:] or NETWORKS:
        subprocess.run([sys.executable, __file__, "--row", name], check=True)


if __name__ == "__main__":
    main()
