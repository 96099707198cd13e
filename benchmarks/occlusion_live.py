"""How soon a sweep of occlusion shows a map, cold and warm, and how much memory the finest one takes.

Run it with ``python benchmarks/occlusion_live.py [network ...]``; it prints two Markdown tables. The first coarse map
is timed after a change of patch or stride to values that were not asked for before, the median of nine. The first sweep
of a network is timed in a fresh process until its map is whole, all compiling included, with windows and without;
ratios are those of whole pictures to windows. Memory is the peak above what the process held once the model had
answered one picture.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from incremental import network, peak, timed
from occlusion import explained

import cnnviz_widgets as cnnviz

WARM = ("EfficientNet-Lite0", "MobileNetV2", "ResNet50V2", "VGG16")
COLD = ("encoder", "EfficientNet-Lite0", "EfficientNetB0", "DenseNet121", "InceptionV3")
PARTS = 6
MOVES = ((31, 16), (33, 16), (34, 8), (16, 8), (48, 24), (49, 24), (47, 8), (17, 8), (30, 10))


def first_map(name: str) -> str:
    """Return how long the first coarse map takes after a slider, in ms, by the clock and of the processor."""
    model, image = network(name)
    probe = cnnviz.Probe(model)
    probe.predict(image)
    target = explained(model)[0]
    for _ in _sweep(probe, image, 32, 16):
        pass
    taken = []
    for patch, stride in MOVES:
        begun, used = time.perf_counter(), time.process_time()
        next(_sweep(probe, image, patch, stride)).fall(target)
        taken.append(((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000))
    clock, used = (sorted(t[k] for t in taken) for k in (0, 1))
    return (
        f"{statistics.median(clock):.0f} ({clock[0]:.0f} to {clock[-1]:.0f}) | {statistics.median(used):.0f}"
    )


def memory(name: str) -> float:
    """Return the peak above the model in MB, at the beginning of a sweep of patch 4 and stride 1."""
    model, image = network(name)
    probe = cnnviz.Probe(model)
    probe.predict(image)
    held, target = peak(), explained(model)[0]
    for _, swept in zip(range(PARTS), _sweep(probe, image, 4, 1), strict=False):
        swept.fall(target)
    return peak() - held


def cold(name: str, windows: bool) -> tuple[float, float]:
    """Return seconds and processor seconds until the first map of a network is whole, compiling included."""
    model, image = network(name)
    probe = cnnviz.Probe(model)
    if not windows:
        probe._networks._serves = False
    patch, stride = (8, 4) if name == "encoder" else (32, 16)
    target = explained(model)[0]
    return timed(lambda: next(s.fall(target) for s in _sweep(probe, image, patch, stride) if s.done == 1))[:2]


def _sweep(probe: cnnviz.Probe, image: cnnviz.Image, patch: int, stride: int) -> Iterator[Any]:
    target = explained(probe.model)[0]
    return cnnviz.Occlusion(patch=patch, stride=stride, target=target).sweep(probe, image)


def _run(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, __file__, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def main() -> None:
    """Print the tables; with a word in front print one figure of one network."""
    part, wanted = sys.argv[1:2], sys.argv[2:]
    if part == ["--first"]:
        print(first_map(wanted[0]))
    elif part == ["--memory"]:
        print(f"{memory(wanted[0]):.0f} MB")
    elif part in (["--cold"], ["--cold-whole"]):
        print(*cold(wanted[0], part == ["--cold"]))
    else:
        _tables(sys.argv[1:])


def _tables(wanted: list[str]) -> None:
    print(
        "| network | first coarse map, ms | of processor time | memory at patch 4 stride 1 |\n"
        + "|---" * 4
        + "|"
    )
    for name in wanted or WARM:
        print(f"| {name} | {_run('--first', name)} | {_run('--memory', name)} |", flush=True)
    print(
        "\n| first sweep, compiling included | whole pictures | windows | ratio | of processor time |\n"
        + "|---" * 5
        + "|"
    )
    for name in wanted or COLD:
        whole, own = ([float(n) for n in _run(how, name).split()] for how in ("--cold-whole", "--cold"))
        ratios = f"{whole[0] / own[0]:.1f} | {whole[1] / own[1]:.1f}"
        print(f"| {name} | {whole[0]:.1f} s | {own[0]:.1f} s | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
