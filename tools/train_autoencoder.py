"""Trains the autoencoder on Fashion-MNIST and writes what ``cnnviz_widgets/demo/data`` bundles.

The four files of Fashion-MNIST are read from a folder; on Debian and Ubuntu ``apt install
dataset-fashion-mnist`` puts them where this script looks first, and
https://github.com/zalandoresearch/fashion-mnist has them too. The network is trained on the 60,000 training
pictures; the 10,000 test pictures are only measured, and the gallery is drawn from them. Run
``python tools/train_autoencoder.py`` (about ten minutes), or with ``--measure`` to measure the bundled weights.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnviz_widgets.demo import autoencoder
from cnnviz_widgets.demo.autoencoder_network import autoencoder_network
from cnnviz_widgets.demo.clothes import CLOTHES_NAMES, enlarged
from cnnviz_widgets.demo.retrieval import precision

FOLDER = Path("/usr/share/datasets/fashion-mnist")
SHA256 = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}
SHOWN_A_KIND = 40
SEED = 7
EPOCHS = 3
BATCH = 64
NOISE = 0.1
SHIFT = 0.06
ZOOM = 0.1
DATA = Path(__file__).parents[1] / "cnnviz_widgets" / "demo" / "data"


def main() -> None:
    """Read, train, write and measure."""
    asked = arguments()
    keras.utils.set_random_seed(SEED)
    tf.config.threading.set_intra_op_parallelism_threads(asked.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    pixels, labels = part(asked.folder, "t10k")
    if asked.measure:
        model = autoencoder()
    else:
        model = trained(enlarged(part(asked.folder, "train")[0]))
        write(asked.out, model, pixels, labels)
    measure(model, pixels, labels)


def arguments() -> argparse.Namespace:
    """Return what is asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="folder of the four .gz files")
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    parser.add_argument("--measure", action="store_true", help="measure the bundled weights, train nothing")
    parser.add_argument("--threads", type=int, default=2, help="how many processors to use")
    return parser.parse_args()


def part(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures, float32 (N, 28, 28, 1) from 0 to 1, and labels of a part, ``train`` or ``t10k``."""
    pixels = np.frombuffer(content(folder / f"{name}-images-idx3-ubyte.gz"), np.uint8, offset=16)
    labels = np.frombuffer(content(folder / f"{name}-labels-idx1-ubyte.gz"), np.uint8, offset=8)
    return pixels.reshape(-1, 28, 28, 1) / np.float32(255), labels


def content(path: Path) -> bytes:
    """Return what is packed in a file of Fashion-MNIST, after its checksum agreed."""
    if not path.is_file():
        raise SystemExit(
            f"there is no {path}. Give the folder of Fashion-MNIST's four files; they come with "
            "`apt install dataset-fashion-mnist`, or from https://github.com/zalandoresearch/fashion-mnist."
        )
    packed = path.read_bytes()
    found = hashlib.sha256(packed).hexdigest()
    if found != SHA256[path.name]:
        raise SystemExit(f"{path.name} has sha256 {found}; expected {SHA256[path.name]}. Nothing was read.")
    return gzip.decompress(packed)


def trained(pictures: np.ndarray) -> keras.Model:
    """Return the network after `EPOCHS` epochs of putting damaged pictures right.

    What it gets is a little shifted, scaled and noisy; what it has to return is the picture as it was. So its
    code learns what is in a picture rather than where each pixel lies (P. Vincent et al., "Extracting and
    composing robust features with denoising autoencoders", ICML 2008).
    """
    model = autoencoder_network()
    steps = len(pictures) // BATCH * EPOCHS
    rate = keras.optimizers.schedules.CosineDecay(2e-4, steps, warmup_target=3e-3, warmup_steps=steps // 20)
    model.compile(keras.optimizers.Adam(rate), "mse")
    bent = keras.Sequential(
        [
            keras.layers.RandomTranslation(SHIFT, SHIFT, fill_mode="constant", seed=SEED),
            keras.layers.RandomZoom(ZOOM, ZOOM, fill_mode="constant", seed=SEED + 1),
            keras.layers.GaussianNoise(NOISE, seed=SEED + 2),
        ]
    )
    batches = tf.data.Dataset.from_tensor_slices(pictures)
    batches = batches.shuffle(len(pictures), seed=SEED).batch(BATCH, drop_remainder=True)
    batches = batches.map(lambda x: (bent(x, training=True), x)).prefetch(2)
    model.fit(batches, epochs=EPOCHS, verbose=2)
    return model


def write(out: Path, model: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> None:
    """Write the weights and the gallery, and print the checksum that `demo/trained_autoencoder.py` must hold."""
    bare = autoencoder_network()
    bare.set_weights(model.get_weights())  # the trained one would save its optimizer too, twice as much again
    weights = out / "autoencoder.weights.h5"
    bare.save_weights(weights)
    print(f"{weights.name} has sha256 {hashlib.sha256(weights.read_bytes()).hexdigest()}")
    shown = drawn(labels)
    bytes_ = np.round(pixels[shown, ..., 0] * 255).astype(np.uint8)
    np.savez_compressed(out / "held_out_clothes.npz", pixels=bytes_, labels=labels[shown])


def drawn(labels: np.ndarray) -> np.ndarray:
    """Return the places of the gallery's pictures, drawn by `SEED`, the ten kinds taking turns."""
    order = np.random.default_rng(SEED).permutation(len(labels))
    kinds = [order[labels[order] == kind][:SHOWN_A_KIND] for kind in range(len(CLOTHES_NAMES))]
    return np.stack(kinds, axis=1).reshape(-1)


def measure(model: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> None:
    """Print the reconstruction error and the precision at 10 of the test pictures and of the gallery.

    Beside the error stand that of the mean picture, and what the last doubling of the size costs at least.
    """
    inside = keras.Model(model.input, [model.get_layer("encoded").output, model.output])
    pictures = enlarged(pixels)
    codes, made = inside.predict(pictures, batch_size=256, verbose=0)
    errors = squared(made, pictures)
    least = squared(doubled(halved(pictures)), pictures)
    for name, of in (("test pictures", np.arange(len(labels))), ("of the gallery", drawn(labels))):
        mean = squared(pictures[of].mean(axis=0), pictures[of]).mean()
        print(f"{len(of)} {name}: mean squared error {errors[of].mean():.5f}")
        print(f"    of the mean picture {mean:.5f}, at least {least[of].mean():.5f}")
        for metric in ("cosine", "euclidean"):
            code, raw = (precision(numbers[of], labels[of], metric) for numbers in (codes, pixels))
            print(f"    precision at 10, {metric}: code {code:.4f}, raw pixels {raw:.4f}")


def squared(made: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """Return the mean squared difference of each picture, (N,)."""
    return np.mean((made - pictures) ** 2, axis=(1, 2, 3))


def halved(pictures: np.ndarray) -> np.ndarray:
    """Return the means of every 2 x 2 pixels of pictures (N, H, W, 1)."""
    count, height, width, _ = pictures.shape
    return pictures.reshape(count, height // 2, 2, width // 2, 2, 1).mean(axis=(2, 4))


def doubled(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (N, H, W, 1) with every pixel as 2 x 2 equal ones."""
    return pictures.repeat(2, axis=1).repeat(2, axis=2)


if __name__ == "__main__":
    main()
