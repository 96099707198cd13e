"""Trains the vision transformer on Fashion-MNIST and writes the weights that ``cnnviz_widgets/demo/data`` bundles.

The pictures are those of ``tools/train_autoencoder.py``, read from the same folder and checked in the same way. The
network is trained on the 60,000 training pictures; the 10,000 test pictures, to which the gallery belongs, are only
measured: no setting was chosen by them. Run ``python tools/train_transformer.py`` (about a
quarter of an hour on one core that has other work, too).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from train_autoencoder import DATA, FOLDER, part

from cnnviz_widgets.demo.transformer_network import transformer_network

SEED = 7
EPOCHS = 4
BATCH = 128
RATE = 3e-3


def main() -> None:
    """Read, train, write and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="folder of the four files of Fashion-MNIST"
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    asked = parser.parse_args()
    keras.utils.set_random_seed(SEED)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    model = trained(*part(asked.folder, "train"), asked.epochs)
    bare = transformer_network()
    bare.set_weights(model.get_weights())  # the trained one would save its optimizer too
    bare.save_weights(asked.out / "transformer.weights.h5")
    pixels, labels = part(asked.folder, "t10k")
    right = int(np.sum(bare.predict(pixels, batch_size=256, verbose=0).argmax(axis=1) == labels))
    print(f"{bare.count_params()} weights; {right} of {len(labels)} test pictures right")


def trained(pixels: np.ndarray, labels: np.ndarray, epochs: int) -> keras.Model:
    """Return the network after some epochs on the pictures as they are."""
    model = transformer_network()
    steps = -(-len(labels) // BATCH) * epochs
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 10, steps, warmup_target=RATE, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.02),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    batches = (
        tf.data.Dataset.from_tensor_slices((pixels, labels)).shuffle(len(labels), seed=SEED).batch(BATCH)
    )
    model.fit(batches, epochs=epochs, verbose=2)
    return model


if __name__ == "__main__":
    main()
