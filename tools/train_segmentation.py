"""Trains the segmentation network and writes the weights that ``cnnviz_widgets/demo/data`` bundles.

The scenes are made from what the package brings: 32 of the 40 bundled clothes of each kind, pasted on crops of six
photographs of the extra ``demo`` in changed colours, or on smooth grounds. The other eight of each kind, on crops of
two other photographs, are never trained on. Every epoch has new scenes; the number of epochs is fixed beforehand and
the last weights are kept. Run ``python tools/train_segmentation.py`` (about ten minutes on one core).
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnviz_widgets.demo.scenes import HELD_OUT_ON, LEARNT_FROM, SCENE_CLASSES, Composer
from cnnviz_widgets.demo.segmentation_network import segmentation_network

SEED = 5
EPOCHS = 8
SCENES = 4000  # an epoch
HELD_OUT = 400
BATCH = 32
DATA = Path(__file__).parents[1] / "cnnviz_widgets" / "demo" / "data"


def main() -> None:
    """Make scenes, train, measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="for a trial: fewer epochs")
    asked = parser.parse_args()
    keras.utils.set_random_seed(SEED)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    model = trained(asked.epochs)
    pixels, masks = Composer(HELD_OUT_ON, learnt=False).scenes(np.random.default_rng(SEED), HELD_OUT)
    measure(model, pixels, masks)
    path = asked.out / "segmenter.weights.h5"
    bare = segmentation_network()
    bare.set_weights(model.get_weights())  # the trained one would save its optimizer too
    bare.save_weights(path)
    print(f"{path}: {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def trained(epochs: int) -> keras.Model:
    """Return the network after some epochs, each of new scenes."""
    composer, rng = Composer(LEARNT_FROM, learnt=True), np.random.default_rng(SEED + 1)
    model = segmentation_network()
    steps = SCENES // BATCH * epochs
    rate = keras.optimizers.schedules.CosineDecay(5e-4, steps, warmup_target=4e-3, warmup_steps=steps // 20)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    for epoch in range(epochs):
        pixels, masks = composer.scenes(rng, SCENES)
        print(f"epoch {epoch + 1} of {epochs}")
        model.fit(pixels.astype(np.float32), masks, batch_size=BATCH, verbose=2)
    return model


def measure(model: keras.Model, pixels: np.ndarray, masks: np.ndarray) -> None:
    """Print the intersection over union of each class, over all pixels of some scenes."""
    found = model.predict(pixels.astype(np.float32), verbose=0).argmax(-1)
    shares = []
    for index, name in enumerate(SCENE_CLASSES):
        both = np.sum((found == index) & (masks == index))
        shares.append(both / np.sum((found == index) | (masks == index)))
        print(f"{name}: IoU {shares[-1]:.3f}")
    print(f"mean IoU {np.mean(shares):.3f}, pixels right {np.mean(found == masks):.3f}, {len(masks)} scenes")


if __name__ == "__main__":
    main()
