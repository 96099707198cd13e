"""How long the maps of a pair take, the codes of a gallery, and the neighbours among a hundred thousand.

Run it with ``python benchmarks/similarity.py [rounds]``; it prints Markdown tables. Every round of the maps takes a
pair that was not seen before. Scikit-learn's exhaustive search stands beside the package's own, on the same codes and
queries.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import cnnviz_widgets as cnnviz
from cnnviz_widgets.embeddings.neighbours import nearest
from cnnviz_widgets.embeddings.projection import plane

MANY = 100_000
WIDTHS = (256, 1280)  # the demo autoencoder's code, the photo classifier's
NEIGHBOURS = 8


def timed(work: Callable[[], Any]) -> float:
    """Return how many milliseconds a call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def row(what: str, times: list[float], more: str = "") -> None:
    """Print a line: the middle of several times, and the longest."""
    print(f"| {what} | {statistics.median(times):.1f} ms | {max(times):.1f} ms | {more} |", flush=True)


def pairs(images: list[cnnviz.Image]) -> Iterator[tuple[cnnviz.Image, cnnviz.Image]]:
    """Yield pairs of pictures without end, each picture changed a little so that nothing is remembered of it."""
    random = np.random.default_rng(0)
    while True:
        chosen = random.integers(len(images), size=2)
        low, high = images[0].range
        noise = [random.normal(0, 0.01 * (high - low), images[k].pixels.shape) for k in chosen]
        yield tuple(  # type: ignore[misc]
            cnnviz.Image(np.clip(images[k].pixels + n, low, high), (low, high))
            for k, n in zip(chosen, noise, strict=True)
        )


def maps_of_a_pair(
    name: str, probe: cnnviz.Probe, images: list[cnnviz.Image], rounds: int, **asked: Any
) -> None:
    """Print how long a pair takes by each way."""
    new = pairs([probe.fit(image) for image in images])
    for by in ("patches", "gradient", "occlusion"):
        if by == "occlusion" and probe.task != "image":
            continue
        work = cnnviz.SimilarityMaps(by=by, **asked)
        times = [timed(lambda work=work: work(probe, *next(new))) for _ in range(rounds + 2)]  # type: ignore[misc]
        layer = work.resolved(probe).layer
        row(f"{name}, {layer}, by {by}", times[2:], f"first {times[0]:.0f} ms")


def clicks(probe: cnnviz.Probe, images: list[cnnviz.Image], rounds: int) -> None:
    """Print how long the matches of one cell take."""
    found = cnnviz.similarity(probe, *images[:2], layer=probe.last_spatial())
    row("the matches of a cell", [timed(lambda: found.matches((3, 3))) for _ in range(rounds)])


def codes_of_a_gallery(probe: cnnviz.Probe, images: list[cnnviz.Image]) -> None:
    """Print how long the codes of the demo's gallery take, fresh and kept."""
    cnnviz.Codes.of(probe, images[:33])
    row(f"codes of {len(images)} pictures", [timed(lambda: cnnviz.Codes.of(probe, images)) for _ in range(3)])
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(folder) / "codes.npz"
        cnnviz.Codes.of(probe, images, keep=keep)
        times = [timed(lambda: cnnviz.Codes.of(probe, images, keep=keep)) for _ in range(3)]
        row("the same, kept on disk", times)


def neighbours(width: int, rounds: int) -> None:
    """Print how long a search in many codes takes, and scikit-learn's."""
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(1)
    codes = random.standard_normal((MANY, width), np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", codes, codes))
    queries = random.standard_normal((rounds + 2, width), np.float32)
    for metric in ("cosine", "dot", "euclidean"):
        times = [timed(lambda q=q, m=metric: nearest(codes, lengths, q, NEIGHBOURS, m)) for q in queries]  # type: ignore[misc]
        row(f"{width} numbers, {metric}", times[2:])
        if metric == "dot":
            continue
        peer = NearestNeighbors(n_neighbors=NEIGHBOURS, metric=metric, algorithm="brute").fit(codes)
        few = queries[: 2 + min(rounds, 8)]
        times = [timed(lambda q=q, p=peer: p.kneighbors(q[None])) for q in few]  # type: ignore[misc]
        same = all(
            np.array_equal(
                peer.kneighbors(q[None])[1][0], nearest(codes, lengths, q, NEIGHBOURS, metric).rows
            )
            for q in few[:3]
        )
        row(f"{width} numbers, {metric}, scikit-learn", times[2:], "same rows" if same else "other rows")
    row(f"{width} numbers, laid out by PCA", [timed(lambda: plane(codes))])


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    clothes, photos = cnnviz.demo.gallery().images, list(cnnviz.demo.photos())
    rebuilding, classifier = (
        cnnviz.Probe(cnnviz.demo.autoencoder()),
        cnnviz.Probe(cnnviz.demo.photo_classifier()),
    )
    print("| maps of a new pair | middle | longest | |\n|---|---|---|---|", flush=True)
    maps_of_a_pair("autoencoder", rebuilding, clothes, rounds)
    maps_of_a_pair("photo classifier", classifier, photos, rounds)
    maps_of_a_pair("photo classifier", classifier, photos, rounds, layer=classifier.last_spatial())
    clicks(classifier, photos, rounds)
    codes_of_a_gallery(rebuilding, clothes)
    print(f"\n| {NEIGHBOURS} nearest of {MANY} codes | middle | longest | |\n|---|---|---|---|", flush=True)
    for width in WIDTHS:
        neighbours(width, rounds)


if __name__ == "__main__":
    main()
