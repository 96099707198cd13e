"""Hashes of pictures of all kinds, by their pixels: shows what a change of the code's structure changed on the screen.

    python tools/pixel_hashes.py before.json
    python tools/pixel_hashes.py after.json --against before.json

Numbers are rounded alike on one machine and with one set of packages only: compare runs of one machine. The second form
ends with status 1 and names every picture that is another one, that is new or that is gone.
"""

import argparse
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import PIL.Image

import cnnviz_widgets as cnnviz

MODES = ("overlay", "spotlight", "outline", "map", "mask", "add", "side by side")


@cache
def photographs() -> cnnviz.Probe:
    """Return the classifier of photographs."""
    return cnnviz.Probe(cnnviz.demo.photo_classifier())


@cache
def digits() -> cnnviz.Probe:
    """Return the classifier of digits."""
    return cnnviz.Probe(cnnviz.demo.digit_classifier())


@cache
def clothes() -> cnnviz.Probe:
    """Return the autoencoder of clothes."""
    return cnnviz.Probe(cnnviz.demo.autoencoder())


@cache
def transformer() -> cnnviz.Probe:
    """Return the small vision transformer."""
    return cnnviz.Probe(cnnviz.demo.transformer())


@cache
def segmenter() -> cnnviz.Probe:
    """Return the segmentation of clothes."""
    return cnnviz.Probe(cnnviz.demo.segmenter())


@cache
def cut() -> cnnviz.Probe:
    """Return a network of random weights without padding, whose maps lie inside of the picture."""
    keras.utils.set_random_seed(7)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((40, 40, 3)),
            layers.Conv2D(8, 5, activation="relu", name="first"),
            layers.MaxPooling2D(),
            layers.Conv2D(12, 5, activation="relu", name="second"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    return cnnviz.Probe(model, value_range=(0, 1))


def explanations() -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Yield every method on every network that it serves, drawn in the usual style."""
    asked = (
        ("photo", photographs, cnnviz.demo.photos()[0]),
        ("digit", digits, cnnviz.demo.digits()[3]),
        ("autoencoder", clothes, cnnviz.demo.gallery().images[5]),
        ("transformer", transformer, cnnviz.demo.clothes().images[5]),
        ("segmenter", segmenter, cnnviz.demo.scenes().images[1]),
        ("without padding", cut, cnnviz.demo.photos()[0]),
    )
    for name, probe, image in asked:
        for label, method in cnnviz.methods().items():
            yield f"{name}: {label}", drawn(method, probe, image)


def drawn(
    method: type[cnnviz.Method], probe: Callable[[], cnnviz.Probe], image: cnnviz.Image
) -> Callable[[], np.ndarray]:
    """Return what draws one explanation, or the sentence of a refusal as its bytes."""

    def draw() -> np.ndarray:
        try:
            return method()(probe(), image).picture()
        except cnnviz.CnnvizError as error:
            return np.frombuffer(str(error).encode(), np.uint8)

    return draw


def styles() -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Yield one map in several styles."""

    @cache
    def heat() -> cnnviz.Explanation:
        return cnnviz.GradCAM()(photographs(), cnnviz.demo.photos()[0])

    for mode in MODES:
        yield f"style: {mode}", lambda mode=mode: heat().picture(cnnviz.Style(mode=mode))
    for colours in ("viridis", "gray"):
        yield f"style: {colours}", lambda colours=colours: heat().picture(cnnviz.Style(colormap=colours))


def files() -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Yield what is saved: explanations, comparisons, pairs, films."""
    photos = cnnviz.demo.photos()
    one, two, three = cnnviz.demo.gallery().images[5:8]

    def compared() -> cnnviz.Compared:
        return cnnviz.compare(photographs(), photos[:2], methods=["Grad-CAM", "Saliency"])

    def film() -> cnnviz.GeneratedImage:
        return cnnviz.ActivationMaximization(target=3, preset="fast", steps=20)(digits())

    yield "file: Grad-CAM", saved(lambda: cnnviz.GradCAM()(photographs(), photos[0]), ".png")
    yield (
        "file: segmentation",
        saved(lambda: cnnviz.Saliency()(segmenter(), cnnviz.demo.scenes().images[1]), ".png"),
    )
    yield "file: feature maps", saved(lambda: cnnviz.FeatureMaps()(photographs(), photos[1]), ".png")
    yield "file: comparison", saved(compared, ".png")
    yield "file: similarity", saved(lambda: cnnviz.similarity(clothes(), one, two), ".png")
    yield "file: contrast", saved(lambda: cnnviz.similarity(clothes(), one, two, foil=three), ".png")
    yield "file: generated", saved(film, ".png")


def saved(make: Callable[[], object], suffix: str) -> Callable[[], np.ndarray]:
    """Return what saves something and reads the pixels of the file."""

    def save() -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"picture{suffix}"
            make().save(path)  # type: ignore[attr-defined]
            return np.asarray(PIL.Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))

    return save


def hashed(pixels: np.ndarray) -> str:
    """Return the hash of an array's shape and bytes."""
    return hashlib.sha256(str(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()[
        :24
    ]


def main() -> int:
    """Hash every picture, write them down, and compare them with those of another run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("into", type=Path, help="where the hashes are written, as JSON")
    parser.add_argument("--against", type=Path, help="hashes of an earlier run")
    parser.add_argument("--only", default="", help="pictures whose name has this in it")
    given = parser.parse_args()
    found = {}
    for group in (explanations, styles, files):
        for name, make in group():
            if given.only in name:
                found[name] = hashed(make())
                print(found[name], name, flush=True)
    given.into.write_text(json.dumps(found, indent=1))
    if given.against is None:
        return 0
    before = {
        name: value for name, value in json.loads(given.against.read_text()).items() if given.only in name
    }
    changed = sorted(name for name in before.keys() | found.keys() if before.get(name) != found.get(name))
    print(f"{len(found)} pictures, {len(changed)} changed", *changed, sep="\n  ")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
